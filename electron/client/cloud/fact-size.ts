// A fact has to fit into a message to the portal, whatever names a hostile archive has: cuts what a detection or a scan's
// result tells until it does, the least important first. What it is about and how it stands is never cut, and a rule is never
// told without who made it and where it is explained: rule licences ask for that. Pure.
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { Detection, DetectionFinding } from '#shared/domain/detection.ts'
import { shortened } from '#shared/domain/shortened.ts'

/** The most bytes one fact takes. */
export const factMaxBytes = 100_000

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8')
}

type Cut = (detection: Detection) => Detection
type Rule = NonNullable<DetectionFinding['rule']>

/** `credit`: author and reference. */
const rulesWithin =
  (lengths: { readonly description: number; readonly credit: number }): Cut =>
  (detection) => ({
    ...detection,
    findings: detection.findings.map(({ rule, ...finding }) =>
      rule ? { ...finding, rule: ruleWithin(rule, lengths) } : finding,
    ),
  })

const membersWithin =
  (nameLength: number, depth: number): Cut =>
  (detection) => ({
    ...detection,
    findings: detection.findings.map((finding) => ({
      ...finding,
      member: firstOf(finding.member, depth).map((name) => shortened(name, nameLength)),
    })),
  })

/** The worst ones; how many are left out is told. */
const findingsUpTo =
  (count: number): Cut =>
  (detection) => {
    const left = detection.findings.length - count
    if (left <= 0) return detection
    const moreFindings = (detection.moreFindings ?? 0) + left
    return { ...detection, findings: detection.findings.slice(0, count), moreFindings }
  }

const shortHistory: Cut = (detection) => {
  const { history } = detection
  return history.length <= 6 ? detection : { ...detection, history: [...history.slice(0, 1), ...history.slice(-5)] }
}

/** For display only: acts are asked for by the id. */
const shortPath: Cut = (detection) => ({ ...detection, path: { text: shortened(detection.path.text, 4096) } })

const cuts: readonly Cut[] = [
  rulesWithin({ description: 300, credit: 4096 }),
  membersWithin(200, 20),
  rulesWithin({ description: 100, credit: 500 }),
  findingsUpTo(5),
  membersWithin(100, 10),
  shortHistory,
  shortPath,
  findingsUpTo(1),
  rulesWithin({ description: 100, credit: 200 }),
  membersWithin(50, 3),
]

/** The same fact, within `factMaxBytes`. */
export function fitted(body: OutboxBody): OutboxBody {
  if (body.kind === 'command') return fittedCommand(body)
  if (body.kind !== 'detection') return body
  let { detection } = body
  for (const cut of cuts) {
    if (bytesOf(detection) <= factMaxBytes) break
    detection = cut(detection)
  }
  return { kind: 'detection', detection }
}

function ruleWithin(
  { description, author, reference, ...rule }: Rule,
  lengths: { readonly description: number; readonly credit: number },
): Rule {
  return {
    ...rule,
    ...(author === undefined ? {} : { author: shortened(author, lengths.credit) }),
    ...(reference === undefined ? {} : { reference: shortened(reference, lengths.credit) }),
    ...(description === undefined ? {} : { description: shortened(description, lengths.description) }),
  }
}

function firstOf(names: readonly string[], depth: number): string[] {
  return names.length <= depth ? [...names] : [...names.slice(0, depth - 1), '…']
}

/** What a scan left out: its reasons and numbers always, of the objects as many as fit. */
function fittedCommand(body: Extract<OutboxBody, { kind: 'command' }>): OutboxBody {
  let { result } = body
  while (result?.gaps && result.gaps.objects.length > 0 && bytesOf(result) > factMaxBytes) {
    const { reasons, objects } = result.gaps
    result = { ...result, gaps: { reasons, objects: objects.slice(0, Math.floor(objects.length / 2)) } }
  }
  return { ...body, result }
}
