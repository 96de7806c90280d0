// What windows see of the ledger: counts, filtered pages, and the topic. Pure.
import type { DetectionsTopic, RestartTopic } from '#shared/domain/app-state.ts'
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { appContract } from '#shared/ipc/app-contract.ts'
import type { CallOutput, CallRequest } from '#shared/rpc/contract.ts'

type ListRequest = CallRequest<typeof appContract, 'detections.list'>
type ListAnswer = CallOutput<typeof appContract, 'detections.list'>
type Filter = ListRequest['filter']

const matches: Record<Filter, (detection: Detection) => boolean> = {
  'to-review': ({ state }) => isUnprocessed(state),
  'at-restart': ({ state }) => state === 'at-restart',
  treated: ({ state }) => state !== 'at-restart' && !isUnprocessed(state),
  all: () => true,
}

/** One page, newest finding first. `total` is of the filter and the search. */
export function listDetections(detections: readonly Detection[], request: ListRequest): ListAnswer {
  const count = (filter: Filter) => detections.filter(matches[filter]).length
  const wanted = request.search.trim().toLowerCase()
  const objects = detections
    .filter(matches[request.filter])
    .filter((detection) => wanted === '' || contains(detection, wanted))
    .sort((a, b) => b.foundAt.localeCompare(a.foundAt) || a.path.text.localeCompare(b.path.text))
  return {
    total: objects.length,
    counts: {
      toReview: count('to-review'),
      atRestart: count('at-restart'),
      treated: count('treated'),
      all: detections.length,
    },
    objects: objects.slice(request.offset, request.offset + request.limit),
  }
}

/** Part of a path or of a threat's name, or the beginning of a digest. */
function contains({ path, threat, sha256, md5 }: Detection, wanted: string): boolean {
  return (
    path.text.toLowerCase().includes(wanted) ||
    threat.toLowerCase().includes(wanted) ||
    sha256.startsWith(wanted) ||
    md5?.startsWith(wanted) === true
  )
}

export function detectionsTopic(detections: readonly Detection[]): DetectionsTopic {
  return {
    total: detections.length,
    unprocessed: detections.filter(matches['to-review']).length,
    atRestart: detections.filter(matches['at-restart']).length,
    recent: [...detections].sort((a, b) => b.changedAt.localeCompare(a.changedAt)).slice(0, 10),
  }
}

export function pendingRestarts(detections: readonly Detection[]): RestartTopic['pending'] {
  const pending = detections.filter(matches['at-restart']).slice(0, 100)
  return pending.map(({ path, threat, holder }) => ({
    name: fileName(path.text).slice(0, 256),
    threat,
    holder: holder ?? '',
  }))
}
