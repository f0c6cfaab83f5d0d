import { verifyArchive } from '#archive/verify-archive.ts'
import { exitCodes, type Command } from '#cli/command.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderTransfer } from '#cli/render/transfer-view.ts'
import { counted } from '#cli/render/units.ts'
import { everySo } from '#cli/write-with-progress.ts'
import { formatBytes } from '#kernel/units.ts'

export const verifyArchiveCommand: Command = {
  define(command) {
    command.argument('<file>', 'archive that `millrace tenants export` has written')
  },
  async run({ terminal, clock, json }, [file = '']) {
    const block = terminal.errIsTty ? new LiveBlock(terminal.err) : null
    let total: number | null = null
    const draw = everySo(clock, (bytes) => {
      block?.draw(renderTransfer(terminal.errLook(), file, bytes, total))
    })
    const manifest = await verifyArchive(file, {
      onProgress(bytes, ofBytes) {
        total = ofBytes
        draw(bytes)
      },
    }).finally(() => block?.clear())
    const { slug, madeAt, millraceVersion, commitNumber, tables, files, bytes } = manifest
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    if (json) {
      const answer = { slug, madeAt, millraceVersion, commitNumber, rows, files, bytes }
      const { leftOut, enterAgain } = manifest
      terminal.print([JSON.stringify({ ...answer, leftOut, enterAgain }, null, 2)])
      return exitCodes.done
    }
    const look = terminal.outLook()
    terminal.print([
      `${paint(look, 'good', marks.done)} ${file}: every byte is as it was written`,
      `  tenant ${slug} at commit ${commitNumber}, made ${madeAt} by Millrace ${millraceVersion}`,
      `  ${counted(rows, 'row')} of ${counted(tables.length, 'table')}, ${counted(files, 'file')} of ${formatBytes(bytes)}`,
      ...(manifest.enterAgain.length > 0
        ? [
            '  to be entered again after a restore:',
            ...manifest.enterAgain.map((what) => `    ${what}`),
          ]
        : []),
    ])
    return exitCodes.done
  },
}
