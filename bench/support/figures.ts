// What a measurement gives: figures, each beside its peer of the same run. Prints them as a table and keeps them as JSON.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from './project.ts'

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, measured in the same run with the same unit. */
  readonly peer?: { readonly name: string; readonly value: number }
  readonly goal?: string
}

export interface Findings {
  readonly figures: readonly Figure[]
  /** What has to be known to read the figures, and what was not measured. */
  readonly notes: readonly string[]
}

export interface Surroundings {
  /** One-minute load and share of all cores that were busy in the second before the measurement began. */
  readonly load: number
  readonly busyPercent: number
}

/** Own figure / the peer's. */
export function ratioOf({ value, peer }: Figure): number | null {
  return peer === undefined || peer.value === 0 ? null : value / peer.value
}

export function printFindings(name: string, { figures, notes }: Findings, around: Surroundings): void {
  console.log(
    `\n${name} (load before: ${around.load.toFixed(2)}, cores busy before: ${around.busyPercent.toFixed(0)} %)`,
  )
  const rows = figures.map((figure) => {
    const ratio = ratioOf(figure)
    return [
      figure.name,
      `${short(figure.value)} ${figure.unit}`,
      figure.peer ? `${short(figure.peer.value)} ${figure.unit} (${figure.peer.name})` : '-',
      ratio === null ? '-' : `${ratio.toFixed(2)}x`,
      figure.goal ?? '',
    ]
  })
  for (const line of aligned([['figure', 'measured', 'peer', 'ratio', 'goal'], ...rows])) console.log(`  ${line}`)
  for (const note of notes) console.log(`  - ${note}`)
}

export function saveFindings(name: string, findings: Findings, around: Surroundings): void {
  const folder = join(projectRoot, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const at = new Date().toISOString()
  const machine = {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
  }
  const figures = findings.figures.map((figure) => ({ ...figure, ratio: ratioOf(figure) }))
  const text = JSON.stringify({ name, at, machine, ...around, figures, notes: findings.notes }, null, 2)
  writeFileSync(join(folder, `${name}-${at.replaceAll(/[:.]/g, '-')}.json`), `${text}\n`)
}

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Nearest rank; the median of an even number is the mean of the middle two. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (share / 100) * sorted.length
  const upper = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(rank) - 1))] ?? Number.NaN
  if (share !== 50 || sorted.length % 2 === 1) return upper
  return (upper + (sorted[rank] ?? upper)) / 2
}

function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
