// A fact has to fit into a message to the portal, whatever names a hostile archive has: cuts what a detection or a scan's
// result tells until it does. What it is about and how it stands is never cut. Pure.
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { Detection } from '#shared/domain/detection.ts'

/** The most bytes one fact takes. */
export const factMaxBytes = 100_000

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8')
}

type Cut = (detection: Detection) => Detection

const findingsOf =
  (count: number, nameLength: number, depth: number): Cut =>
  (detection) => ({
    ...detection,
    findings: detection.findings.slice(0, count).map(({ member, threat, verdict, rule }) => ({
      member: member.slice(0, depth).map((name) => name.slice(0, nameLength)),
      threat,
      verdict,
      ...(rule ? { rule: { name: rule.name } } : {}),
    })),
  })

const shortHistory: Cut = (detection) => {
  const { history } = detection
  return history.length <= 6 ? detection : { ...detection, history: [...history.slice(0, 1), ...history.slice(-5)] }
}

/** For display only: acts are asked for by the id. */
const shortPath: Cut = (detection) => ({ ...detection, path: { text: detection.path.text.slice(0, 4096) } })

const cuts: readonly Cut[] = [
  findingsOf(20, 200, 20),
  findingsOf(5, 100, 10),
  shortHistory,
  shortPath,
  findingsOf(1, 50, 3),
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

/** What a scan left out: its reasons and numbers always, of the objects as many as fit. */
function fittedCommand(body: Extract<OutboxBody, { kind: 'command' }>): OutboxBody {
  let { result } = body
  while (result?.gaps && result.gaps.objects.length > 0 && bytesOf(result) > factMaxBytes) {
    const { reasons, objects } = result.gaps
    result = { ...result, gaps: { reasons, objects: objects.slice(0, Math.floor(objects.length / 2)) } }
  }
  return { ...body, result }
}
