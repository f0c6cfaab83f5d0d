import type { Command } from 'commander'

import { MillraceError } from '#kernel/errors.ts'

const states = ['missing', 'stale', 'pending', 'failed', 'held'] as const
type State = (typeof states)[number]

/** What `plan`, `run` and `backfill` take beside datasets and partitions. */
export function addRegionOptions(command: Command): void {
  command
    .option('--only <states>', `only partitions that are ${states.join(', ')}; several with commas`)
    .option('--no-downstream', 'leave what reads them as it is')
    .option('--no-upstream', 'leave inputs that are stale as they are')
    .option('--newest-first', 'newest periods first')
}

export interface RegionOptions {
  only?: State[]
  downstream?: boolean
  upstream?: boolean
  order?: 'oldest' | 'newest'
}

/** In the form of operations. Throws `usage-invalid`. */
export function regionOf(options: Readonly<Record<string, unknown>>): RegionOptions {
  const only = options['only'] as string | undefined
  return {
    ...(only === undefined ? {} : { only: only.split(',').map(stateOf) }),
    ...(options['downstream'] === false ? { downstream: false } : {}),
    ...(options['upstream'] === false ? { upstream: false } : {}),
    ...(options['newestFirst'] ? { order: 'newest' as const } : {}),
  }
}

function stateOf(text: string): State {
  const state = states.find((candidate) => candidate === text.trim())
  if (state) return state
  const message = `--only: "${text}" is no state: choose among ${states.join(', ')}`
  throw new MillraceError('usage-invalid', { message, command: '' })
}
