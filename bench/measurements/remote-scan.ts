// A remote scan of 10,000 files, from the page's request to `done` as the page sees it, against the command line over a tree
// of the same make in the same run.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CliScan, cliScan } from '../support/command-line.ts'
import type { Figure, Findings } from '../support/figures.ts'
import { inFolder } from '../support/folders.ts'
import { type RemoteRig, type Seen, withRig } from '../support/remote-rig.ts'
import { type Tree, treeFiles, treeInfected, writeTree } from '../support/trees.ts'
import { pause } from '../support/wait.ts'

const limitMs = 300_000
const ceilings = [50, 100] as const

export function remoteScan(): Promise<Findings> {
  return inFolder(async (folder) => {
    const plain = await commandLine(folder, true)
    const treating = await commandLine(folder, true, '--treat')
    const harmless = await commandLine(folder, false)
    const figures: Figure[] = []
    let megabytes = 0
    await withRig(join(folder, 'rig'), async (rig) => {
      for (const ceiling of ceilings) {
        await rig.startApp(ceiling)
        const { end, tree } = await remotely(rig, folder, true)
        megabytes = tree.bytes / 1e6
        figures.push(...figuresOf(ceiling, end, plain, treating))
      }
      const { end } = await remotely(rig, folder, false)
      figures.push({
        name: 'click to done, ceiling 100 %, nothing infected',
        value: end.ms / 1000,
        unit: 's',
        peer: { name: 'command line', value: harmless.ms / 1000 },
      })
    })
    return {
      figures,
      notes: [
        `${treeFiles} files of 1 to 100 KB (${megabytes.toFixed(0)} MB), ${treeInfected} of them infected: 5 plain, 5 zips. Each scan has a tree of its own that nothing has seen before.`,
        `Every side found the same ${treeInfected} objects; the app and --treat treated all of them, with copies in Quarantine.`,
        'The ceiling is a share of all cores. The command line has none; its time includes starting Node and loading the databases.',
      ],
    }
  })
}

function figuresOf(ceiling: number, { ms, command }: Seen, plain: CliScan, treating: CliScan): Figure[] {
  const label = `ceiling ${ceiling} %`
  return [
    {
      name: `click to done, ${label}`,
      value: ms / 1000,
      unit: 's',
      peer: { name: 'command line', value: plain.ms / 1000 },
    },
    {
      name: `click to done, ${label}`,
      value: ms / 1000,
      unit: 's',
      peer: { name: 'command line --treat', value: treating.ms / 1000 },
    },
    {
      name: `scan alone, ${label}`,
      value: (command.result?.durationMs ?? Number.NaN) / 1000,
      unit: 's',
      peer: { name: 'command line --treat', value: treating.scanMs / 1000 },
    },
  ]
}

async function commandLine(folder: string, withInfected: boolean, ...options: string[]): Promise<CliScan> {
  const tree = writeTree(join(folder, 'tree'), withInfected)
  await settled()
  const scan = await cliScan(tree.path, join(folder, `cli-data-${withInfected}${options.join('')}`), ...options)
  const paths = new Set(scan.found.map((found) => found.path))
  if (
    scan.files !== treeFiles ||
    !tree.infected.every((file) => paths.has(file)) ||
    paths.size !== tree.infected.length
  )
    throw new Error(`the command line found ${paths.size} in ${scan.files} files`)
  if (options.includes('--treat') && scan.treated !== treeInfected) throw new Error(`treated ${scan.treated}`)
  rmSync(tree.path, { recursive: true })
  return scan
}

async function remotely(rig: RemoteRig, folder: string, withInfected: boolean): Promise<{ end: Seen; tree: Tree }> {
  const tree = writeTree(join(folder, 'tree'), withInfected)
  await settled()
  const { end } = await rig.command({ kind: 'scan.start', args: { type: 'folder', path: tree.path } }, limitMs)
  const { files, totals } = end.command.result ?? {}
  const treated = (totals?.deleted ?? 0) + (totals?.disinfected ?? 0)
  const plainLeft = tree.infected.filter((file) => file.endsWith('.bin') && existsSync(file))
  if (files !== treeFiles || treated !== tree.infected.length || plainLeft.length > 0)
    throw new Error(`the remote scan treated ${treated} in ${files} files`)
  rmSync(tree.path, { recursive: true })
  return { end, tree }
}

/** What was just written is on its way to the disk. */
function settled(): Promise<void> {
  return pause(3000)
}
