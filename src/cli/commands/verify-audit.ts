import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

import { followChain } from '#catalog/audit-chain.ts'
import type { AuditRow } from '#catalog/audit.ts'
import { exitCodes, type Command } from '#cli/command.ts'
import { marks, paint } from '#cli/render/look.ts'
import { counted } from '#cli/render/units.ts'
import { MillraceError } from '#kernel/errors.ts'
import { auditRowData } from '#operations/audit/audit-data.ts'

/** Needs no server: the file alone says whether it is whole. */
export const verifyAuditCommand: Command = {
  define(command) {
    command
      .argument('<file>', 'log that `millrace audit export` has written')
      .option('--head <hash>', 'hash of its newest row, as you have kept it')
  },
  async run({ terminal, json }, [file = ''], options) {
    const verdict = await followChain(rowsOf(file))
    const { rows, head, broken } = verdict
    const kept = options['head']
    const isKept = typeof kept !== 'string' || kept === head.hash
    if (json) terminal.print([JSON.stringify({ ...verdict, headAsKept: isKept }, null, 2)])
    else {
      const look = terminal.outLook()
      terminal.print([
        broken
          ? `${paint(look, 'bad', marks.failed)} ${file}: ${broken.problem}`
          : `${paint(look, 'good', marks.done)} ${file}: ${counted(rows, 'row')}, each follows from those before it`,
        `  row ${head.seq}: ${head.hash}`,
        ...(isKept
          ? []
          : [`${paint(look, 'bad', marks.failed)} that is not the head you have kept`]),
      ])
    }
    return broken || !isKept ? exitCodes.failed : exitCodes.done
  },
}

async function* rowsOf(file: string): AsyncGenerator<AuditRow> {
  let number = 0
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })
  try {
    for await (const line of lines) {
      number += 1
      yield rowOf(line, file, number)
    }
  } catch (error) {
    if (error instanceof MillraceError) throw error
    const { message } = error as Error
    throw new MillraceError('usage-invalid', { message: `${file}: ${message}` }, { cause: error })
  }
}

function rowOf(line: string, file: string, number: number): AuditRow {
  try {
    return auditRowData.parse(JSON.parse(line))
  } catch (error) {
    const message = `line ${number} of ${file} is no row of an audit log`
    throw new MillraceError('usage-invalid', { message }, { cause: error })
  }
}
