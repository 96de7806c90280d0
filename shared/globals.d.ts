// The few globals that Node, Electron and every browser have in common. `shared/` is compiled with neither Node's nor the
// DOM's types, so that nothing else can slip in; the projects that use it see their own platform's full declarations.

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

declare var AbortSignal: {
  abort(reason?: unknown): AbortSignal
  any(signals: AbortSignal[]): AbortSignal
  timeout(milliseconds: number): AbortSignal
}

interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

declare var AbortController: { new (): AbortController }

interface PlatformTimer {
  readonly __platformTimer: never
}

declare function setTimeout(run: () => void, milliseconds?: number): PlatformTimer
declare function clearTimeout(timer: PlatformTimer | undefined): void
declare function setInterval(run: () => void, milliseconds?: number): PlatformTimer
declare function clearInterval(timer: PlatformTimer | undefined): void
declare function queueMicrotask(run: () => void): void
declare function structuredClone<T>(value: T): T

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

declare var TextEncoder: { new (): TextEncoder }

interface TextDecoder {
  decode(bytes?: Uint8Array | ArrayBuffer): string
}

declare var TextDecoder: { new (label?: string, options?: { readonly fatal?: boolean }): TextDecoder }

interface URL {
  readonly href: string
  readonly origin: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
}

declare var URL: { new (url: string, base?: string): URL; canParse(url: string, base?: string): boolean }
