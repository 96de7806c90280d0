// The engine's own version: part of every database version, so that a new engine never trusts what an old one concluded.

export const engineVersion = '1.0.0'
