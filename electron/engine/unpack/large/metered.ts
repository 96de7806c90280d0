// Pieces that end when the budget of their file does.
// Never looks at a piece; what ended them is told by `stopped`.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from '../budget.ts'
import type { PiecesMember } from '../unpacker.ts'

export class MeteredPieces implements AsyncIterable<Buffer> {
  private readonly member: PiecesMember
  private readonly budget: Budget
  private reason: NotScannedReason | undefined

  constructor(member: PiecesMember, budget: Budget) {
    this.member = member
    this.budget = budget
  }

  /** After the last piece: why there was more than came. */
  get stopped(): NotScannedReason | undefined {
    return this.reason ?? this.member.problem()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { pieces, isPaid } = this.member
    for await (const piece of pieces) {
      const room = isPaid ? piece.length : this.budget.unpackedLeft()
      if (piece.length > room) this.reason = 'too-big'
      else if (this.budget.isOverTime()) this.reason = 'time-limit'
      const some = piece.subarray(0, room)
      if (!isPaid) this.budget.spend(some.length)
      if (some.length > 0) yield some
      if (this.reason !== undefined) return
    }
  }
}
