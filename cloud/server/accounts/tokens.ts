// Random tokens that travel in links and cookies. Owns their making and the one form in which they are stored: a hash.
import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 32 random bytes, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What the database knows of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** The one spelling of an address. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase()
}

/**
 * The salt of an address, 16 bytes in base64. It follows from the address alone, so registered and unknown addresses
 * cannot be told apart by it, today or over time.
 */
export function saltOf(serverSecret: Buffer, email: string): string {
  return keyed(serverSecret, 'salt/v1', normaliseEmail(email)).subarray(0, 16).toString('base64')
}

/** A keyed hash under its own label. */
export function keyed(serverSecret: Buffer, label: string, value: string): Buffer {
  return createHmac('sha256', serverSecret).update(`${label}|${value}`).digest()
}
