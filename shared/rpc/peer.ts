// One end of a channel: sends calls and waits for their answers with deadline and abort, answers calls, passes events.
// Every pending call fails with `peer-gone` the moment the channel closes. Knows nothing of contracts or schemas.
import { codeOf, ProductError } from '../errors.ts'
import { type Channel, type WireError, WireMessage } from './channel.ts'

export interface PeerOptions {
  /** Answers a call of the other side. Throw a ProductError for an expected failure. */
  readonly answer?: (name: string, input: unknown, signal: AbortSignal) => Promise<unknown>
  /** Told of every exception that is a bug (answered as `internal`) and of every malformed message. */
  readonly onFault?: (fault: { kind: 'bug' | 'malformed'; name: string; error: unknown }) => void
  /** Calls of the other side that may be under way at once; more are refused with `too-many-requests`. Default 256. */
  readonly maxConcurrent?: number
}

export interface Peer {
  call(name: string, input: unknown, options: CallOptions): Promise<unknown>
  emit(name: string, payload: unknown): void
  onEvent(listener: (name: string, payload: unknown) => void): () => void
  onClose(listener: () => void): void
  readonly closed: boolean
  close(): void
}

interface CallOptions {
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ProductError) => void
}

/** Makes this end of a channel. */
export function createPeer(channel: Channel, options: PeerOptions = {}): Peer {
  return new ChannelPeer(channel, options)
}

class ChannelPeer implements Peer {
  private readonly pending = new Map<number, Pending>()
  private readonly answering = new Map<number, AbortController>()
  private readonly eventListeners = new Set<(name: string, payload: unknown) => void>()
  private readonly closeListeners = new Set<() => void>()
  private readonly channel: Channel
  private readonly options: PeerOptions
  private nextId = 0
  closed = false

  constructor(channel: Channel, options: PeerOptions) {
    this.channel = channel
    this.options = options
    channel.onMessage((raw) => this.receive(raw))
    channel.onClose(() => this.shut())
  }

  call(name: string, input: unknown, { deadlineMs, signal }: CallOptions): Promise<unknown> {
    if (this.closed) return Promise.reject(new ProductError('peer-gone'))
    if (signal?.aborted) return Promise.reject(new ProductError('aborted'))
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => giveUp('deadline-exceeded'), deadlineMs)
      const onAbort = () => giveUp('aborted')
      signal?.addEventListener('abort', onAbort, { once: true })
      const release = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp = (code: 'deadline-exceeded' | 'aborted') => {
        const entry = this.take(id)
        if (!entry) return
        this.channel.send({ t: 'abort', id })
        entry.reject(new ProductError(code, name))
      }
      this.pending.set(id, {
        resolve: (value) => {
          release()
          resolve(value)
        },
        reject: (error) => {
          release()
          reject(error)
        },
      })
      this.channel.send({ t: 'call', id, name, input })
    })
  }

  emit(name: string, payload: unknown): void {
    if (!this.closed) this.channel.send({ t: 'event', name, payload })
  }

  onEvent(listener: (name: string, payload: unknown) => void): () => void {
    this.eventListeners.add(listener)
    return () => this.eventListeners.delete(listener)
  }

  onClose(listener: () => void): void {
    if (this.closed) listener()
    else this.closeListeners.add(listener)
  }

  close(): void {
    this.channel.close()
    this.shut()
  }

  private receive(raw: unknown): void {
    if (this.closed) return
    const parsed = WireMessage.safeParse(raw)
    if (!parsed.success) {
      this.options.onFault?.({ kind: 'malformed', name: '', error: parsed.error })
      return
    }
    const message = parsed.data
    switch (message.t) {
      case 'call':
        void this.answer(message.id, message.name, message.input)
        return
      case 'abort':
        this.answering.get(message.id)?.abort()
        return
      case 'ok':
        this.take(message.id)?.resolve(message.value)
        return
      case 'error':
        this.take(message.id)?.reject(new ProductError(message.error.code, message.error.detail))
        return
      case 'event':
        // One listener that throws must cost neither the others nor the process their event.
        for (const listener of [...this.eventListeners])
          this.guarded(message.name, () => listener(message.name, message.payload))
    }
  }

  private take(id: number): Pending | undefined {
    const entry = this.pending.get(id)
    this.pending.delete(id)
    return entry
  }

  private async answer(id: number, name: string, input: unknown): Promise<void> {
    // A second call under a running id would be answered twice: it is a forged or broken message.
    if (this.answering.has(id)) return
    const controller = new AbortController()
    this.answering.set(id, controller)
    try {
      const value = await this.carryOut(name, input, controller.signal)
      if (!this.closed) this.channel.send({ t: 'ok', id, value })
    } catch (error) {
      if (!(error instanceof ProductError)) this.options.onFault?.({ kind: 'bug', name, error })
      if (!this.closed) this.channel.send({ t: 'error', id, error: wireError(error) })
    } finally {
      this.answering.delete(id)
    }
  }

  private carryOut(name: string, input: unknown, signal: AbortSignal): Promise<unknown> {
    if (!this.options.answer) throw new ProductError('unknown-call', name)
    if (this.answering.size > (this.options.maxConcurrent ?? 256)) throw new ProductError('too-many-requests')
    return this.options.answer(name, input, signal)
  }

  private shut(): void {
    if (this.closed) return
    this.closed = true
    for (const entry of this.pending.values()) entry.reject(new ProductError('peer-gone'))
    this.pending.clear()
    for (const controller of this.answering.values()) controller.abort()
    for (const listener of this.closeListeners) this.guarded('close', listener)
  }

  private guarded(name: string, run: () => void): void {
    try {
      run()
    } catch (error) {
      this.options.onFault?.({ kind: 'bug', name, error })
    }
  }
}

/** Message and stack of a bug stay on this side. */
function wireError(error: unknown): WireError {
  const detail = error instanceof ProductError ? error.detail?.slice(0, 1000) : undefined
  return { code: codeOf(error), ...(detail === undefined ? {} : { detail }) }
}
