// The words, icon and mark of the protection status. Owns the table only.
import type { ProtectionStatus } from '#shared/domain/device.ts'
import type { ProblemGrade } from '#shared/domain/problem.ts'
import type { MarkState } from '../Mark.tsx'
import type { StatusKind } from '../StatusIcon.tsx'

export interface ProtectionText {
  readonly status: StatusKind
  readonly mark: MarkState
  readonly text: string
}

const texts: Record<ProtectionStatus, ProtectionText> = {
  protected: { status: 'good', mark: 'protected', text: 'Protected' },
  'needs-attention': { status: 'attention', mark: 'attention', text: 'Needs attention' },
  'at-risk': { status: 'danger', mark: 'at-risk', text: 'At risk' },
}

/** Word, icon and mark of a protection status. */
export function protectionText(status: ProtectionStatus): ProtectionText {
  return texts[status]
}

const grades: Record<ProblemGrade, StatusKind> = { critical: 'danger', important: 'attention', information: 'info' }

/** The icon of a problem's grade. */
export function gradeStatus(grade: ProblemGrade): StatusKind {
  return grades[grade]
}
