// The names under which secrets are kept, so that app and command line mean the same ones. Never a value.

export const secretNames = {
  /** Master key of Quarantine: base64 of 32 bytes. */
  vaultKey: 'vault-key',
  /** Private Ed25519 key of this computer: base64 of PKCS #8. Made once, kept on disconnect. */
  deviceKey: 'device-key',
} as const
