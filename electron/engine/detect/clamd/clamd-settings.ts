// Where ClamAV's scanner service listens on this computer, and how much of an object it looks at.
// Reads its settings file where it may; never changes it, never starts the service.
import { lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

export interface ClamdSettings {
  /** Its local socket. */
  readonly socketPath: string
  /** Bytes of one object that it takes at most; above `fileBytes` it answers OK without having looked. */
  readonly streamBytes: number
  readonly fileBytes: number
  /** After so long, in ms, or behind so many files in one object it stops looking and answers OK all the same. */
  readonly scanMs: number
  readonly files: number
}

/** Where settings and sockets are looked for, in this order. */
export interface ClamdPlaces {
  readonly settings: readonly string[]
  readonly sockets: readonly string[]
}

export const usualPlaces: ClamdPlaces = {
  settings: ['/etc/clamav/clamd.conf', '/etc/clamd.d/scan.conf', '/etc/clamd.conf', '/usr/local/etc/clamd.conf'],
  sockets: ['/run/clamav/clamd.ctl', '/run/clamd.scan/clamd.sock', '/run/clamav/clamd.sock', '/var/run/clamd.ctl'],
}

const megabyte = 1024 * 1024
/** Debian's values, for settings that cannot be read. */
const assumed = 25 * megabyte
/** clamd's own bound for both: a stream is never longer than this. */
const most = 2 * 1024 * megabyte
/** clamd's own values, which Debian does not change. */
const usual = { scanMs: 120_000, files: 10_000 }

/** Null when no socket is there that we may trust. */
export function findClamd({ settings, sockets }: ClamdPlaces = usualPlaces): ClamdSettings | null {
  const text = firstReadable(settings)
  const told = text === null ? null : settingOf(text, 'LocalSocket')
  const socketPath = [...(told === null ? [] : [told]), ...sockets].find(isTrustedSocket)
  if (socketPath === undefined) return null
  const size = (name: string) => (text === null ? null : sizeOf(settingOf(text, name)))
  const scanBytes = size('MaxScanSize') ?? (text === null ? assumed : 400 * megabyte)
  const fileBytes = size('MaxFileSize') ?? (text === null ? assumed : 100 * megabyte)
  return {
    socketPath,
    streamBytes: size('StreamMaxLength') ?? (text === null ? assumed : 100 * megabyte),
    fileBytes: Math.min(fileBytes, scanBytes),
    scanMs: countOf(text, 'MaxScanTime') ?? usual.scanMs,
    files: countOf(text, 'MaxFiles') ?? usual.files,
  }
}

/**
 * SECURITY: in a folder that everybody may write to, anybody could listen in its place and be sent every content that we read.
 * The socket belongs to root, to us, or to the service that owns its folder.
 */
function isTrustedSocket(path: string): boolean {
  try {
    const socket = lstatSync(path)
    const folder = statSync(dirname(path))
    if (!socket.isSocket() || (folder.mode & 0o002) !== 0) return false
    return [0, process.geteuid?.() ?? 0, folder.uid].includes(socket.uid)
  } catch {
    return false
  }
}

function firstReadable(paths: readonly string[]): string | null {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      // Not there, or not for us: then the next one.
    }
  }
  return null
}

function settingOf(text: string, name: string): string | null {
  return new RegExp(`^\\s*${name}\\s+"?([^"\\n]+?)"?\\s*$`, 'mi').exec(text)?.[1] ?? null
}

/** 0 means without a bound. Null for what is not there or no number. */
function countOf(text: string | null, name: string): number | null {
  const value = text === null ? null : settingOf(text, name)
  if (value === null || !/^\d{1,12}$/.test(value)) return null
  return value === '0' ? Number.POSITIVE_INFINITY : Number(value)
}

/** `25M`, `4096`, `1G`; 0 means as much as clamd can. Null for what is no size. */
function sizeOf(value: string | null): number | null {
  const parts = /^(\d{1,12})([kmg]?)b?$/i.exec(value ?? '')
  if (parts === null) return null
  const unit = { '': 1, k: 1024, m: megabyte, g: 1024 * megabyte }[(parts[2] ?? '').toLowerCase()] ?? 1
  const bytes = Number(parts[1]) * unit
  return bytes === 0 ? most : Math.min(bytes, most)
}
