// Where the command line prints: results to one stream, everything else to the other, and one line that tells progress.
// SECURITY: names from archives are hostile; nothing in them may steer the terminal.
import type { ScanProgress } from '#shared/domain/scan.ts'

export interface Terminal {
  /** A line of the result. */
  print(line: string): void
  /** A line for people, beside the result. */
  note(line: string): void
  /** Replaces the progress line; does nothing where nobody watches. */
  progress(progress: ScanProgress): void
}

export interface Streams {
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
}

export function createTerminal({ out, err }: Streams, showProgress: boolean): Terminal {
  const live = showProgress && err.isTTY === true
  let shown = false
  const clear = () => {
    if (shown) err.write('\r\u001b[2K')
    shown = false
  }
  return {
    print: (line) => {
      clear()
      out.write(`${line}\n`)
    },
    note: (line) => {
      clear()
      err.write(`${line}\n`)
    },
    progress: (progress) => {
      if (!live) return
      clear()
      err.write(progressText(progress).slice(0, (err.columns ?? 80) - 1))
      shown = true
    },
  }
}

/** Text in which no character can steer a terminal. */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}

function progressText({ percent, counters, leftMs, currentPath }: ScanProgress): string {
  const share = percent === null ? '  -- %' : `${percent.toFixed(1).padStart(5)} %`
  const left = leftMs === null ? '' : `  ${Math.ceil(leftMs / 1000)} s left`
  return `${share}  ${counters.files} files  ${counters.found} found${left}  ${harmless(currentPath)}`
}
