import { z } from 'zod'

import { cellTenants, listCells } from '#catalog/cells.ts'
import { currentDeployment } from '#catalog/deployments.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { cellData, cellName, toCellData } from '#operations/cells/cell-data.ts'
import { defineOperation } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

const PAGE = 1_000

export const checkCellOperation = defineOperation({
  name: 'cells.check',
  summary: 'Open a cell and look: its database, its lake, its code, its tenants',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/cells/{cell}/check' },
  input: z.strictObject({ cell: cellName }),
  output: z.object({
    cell: cellData,
    /** What is wrong, a sentence each; empty: nothing. */
    problems: z.array(z.string()),
    /** Time that opening and looking took. */
    tookMs: z.int(),
    /** Of its database; null where it cannot be reached. */
    sizeBytes: z.int().nullable(),
  }),
  async handler({ cell: name }, { parts }) {
    const { clock, cells, directory } = parts
    const [known] = await directory.asSystem((session) => listCells(session, { name, limit: 1 }))
    if (!known) throw new MillraceError('cell-unknown', { cell: name })
    const startedMs = clock.monotonicMs()
    const problems: string[] = []
    let sizeBytes: number | null = null
    try {
      const held = await cells.hold(name)
      try {
        sizeBytes = (await held.parts.catalog.stats()).sizeBytes
        problems.push(...(await findProblems(parts, held.parts, name)))
      } finally {
        held.release()
      }
    } catch (error) {
      problems.push(sentenceOf(error))
    }
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    return { cell: toCellData(known), problems, tookMs, sizeBytes }
  },
})

async function findProblems({ directory }: Parts, own: Parts, name: string): Promise<string[]> {
  const problems: string[] = []
  await own.lake.probe().catch((error: unknown) => problems.push(sentenceOf(error)))
  const wanted = await directory.asSystem(currentDeployment)
  const current = await own.catalog.asSystem(currentDeployment)
  if (wanted && wanted.codeHash !== current?.codeHash) {
    problems.push('it does not run what is deployed yet')
  }
  for (let after = 0; ;) {
    const page = await directory.asSystem((session) =>
      cellTenants(session, name, { after, limit: PAGE }),
    )
    for (const tenant of page) {
      const there = await tenantBySlug(own.catalog, tenant.slug)
      if (there?.id !== tenant.id) problems.push(`it does not know the tenant "${tenant.slug}"`)
    }
    after = page.at(-1)?.id ?? 0
    if (page.length < PAGE) return problems
  }
}

/** Of what a tenant is told nothing but that it is so, an operator is told the cause. */
function sentenceOf(thrown: unknown): string {
  const error = toMillraceError(thrown)
  const isVeiled = error.code === 'cell-unreachable' && error.cause instanceof Error
  return isVeiled ? toMillraceError(error.cause).message : error.message
}
