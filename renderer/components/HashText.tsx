// A hash in full, with a button that copies it. Owns the button's state only.
import { ActionIcon } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { copyText } from './clipboard.ts'

export interface HashTextProps {
  readonly hash: string
  /** "SHA-256". */
  readonly name: string
}

/** Wraps where it has to. */
export function HashText({ hash, name }: HashTextProps) {
  const [isCopied, setCopied] = useState(false)
  const Icon = isCopied ? IconCheck : IconCopy
  return (
    <span className="app-hash">
      <span className="mono wrap-anywhere">{hash}</span>
      <ActionIcon
        size="xs"
        aria-label={isCopied ? 'Copied' : `Copy the ${name}`}
        onClick={() => setCopied(copyText(hash))}
      >
        <Icon size={14} stroke={1.6} aria-hidden />
      </ActionIcon>
    </span>
  )
}
