import type { Writable } from 'node:stream'

import type { Clock } from '#kernel/clock.ts'
import { silentLogger, type LogFields, type Logger } from '#kernel/logger.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number] | 'silent'

/** One JSON object a line: time, level, message, fields. Errors are written with their causes' messages. */
export function createCommandLog(least: LogLevel, to: Writable, clock: Clock): Logger {
  if (least === 'silent') return silentLogger
  const from = levels.indexOf(least)
  const build = (bound: LogFields): Logger => {
    const write = (level: (typeof levels)[number]) => (message: string, fields?: LogFields) => {
      if (levels.indexOf(level) < from) return
      const line = { at: clock.now().toISOString(), level, message, ...bound, ...fields }
      const text = isPlain(line) ? JSON.stringify(line) : JSON.stringify(line, readable)
      to.write(`${text}\n`)
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      with: (fields) => build({ ...bound, ...fields }),
    }
  }
  return build({})
}

/** Most lines hold nothing but texts and numbers, and are written many times as fast as they are. */
function isPlain(line: LogFields): boolean {
  return Object.values(line).every(
    (value) => value === null || (typeof value !== 'object' && typeof value !== 'bigint'),
  )
}

function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  const { message, stack, cause } = value
  return cause === undefined ? { message, stack } : { message, stack, cause }
}
