import { z } from 'zod'

import { readSets } from '#catalog/files.ts'
import { chosenFigures } from '#catalog/home.ts'
import { isLimited } from '#model/access.ts'
import type { FigureWish } from '#model/home-figure.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { figureChoiceData, figureData, type FigureChoice } from '#operations/home/figure-data.ts'
import {
  findFigures,
  isCutByTime,
  pickFigures,
  publishedOf,
  type FigureSource,
} from '#operations/home/find-figures.ts'
import { periodsShown, readFigure } from '#operations/home/read-figure.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'

const SHOWN_BY_ITSELF = 4
const CHOICES_MAX = 100

export const homeFigures = defineOperation({
  name: 'home.figures',
  summary: 'Headline numbers of the tenant: those that were chosen, else the ones that say most',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/home/figures' },
  input: z.strictObject({}),
  output: z.object({
    figures: z.array(figureData),
    /** False: nobody has chosen, and these were found in what is published. */
    isChosen: z.boolean(),
    /** What could be shown, the best first. */
    choices: z.array(figureChoiceData),
  }),
  async handler(_input, { parts, caller, signal }) {
    const chosen = await parts.catalog.asTenant(caller.tenant, chosenFigures)
    const { sources, published } = await sourcesOf(parts, caller)
    const choices = findFigures(
      sources.filter(({ definition }) => fits(definition.name, published)),
    )
    const wished = chosen?.figures.map((wish) => named(wish, choices)) ?? null
    const shown = wished?.filter((wish) => wish !== null) ?? pickFigures(choices, SHOWN_BY_ITSELF)
    const figures = await Promise.all(
      shown.map((choice) =>
        readFigure(
          parts,
          caller,
          choice,
          {
            definition: definitionOf(parts, choice.dataset),
            published: published.get(choice.dataset) ?? [],
          },
          signal,
        ),
      ),
    )
    return { figures, isChosen: chosen !== null, choices: choices.slice(0, CHOICES_MAX) }
  },
})

type Published = ReadonlyMap<string, ReturnType<typeof publishedOf>>

/** A dataset with more rows a period than one page holds is no headline. */
function fits(dataset: string, published: Published): boolean {
  return periodsShown(published.get(dataset) ?? []).length > 0
}

/** Null for what is not there, or not for whoever asks. */
function named(wish: FigureWish, choices: readonly FigureChoice[]): FigureChoice | null {
  const known = choices.find(
    ({ dataset, column }) => dataset === wish.dataset && column === wish.column,
  )
  return known ? { ...known, aggregate: wish.aggregate } : null
}

async function sourcesOf(
  parts: Parts,
  caller: Caller,
): Promise<{ sources: FigureSource[]; published: Published }> {
  const datasets = visibleParts(parts, caller).factory.datasets.filter(isCutByTime)
  const names = datasets.map(({ name }) => name)
  // No names would be all of them.
  const whole = names.length === 0 ? [] : await parts.factory.status(caller.tenant, names)
  const published = new Map(
    whole.map((status) => {
      const seen = visibleStatus(status, definitionOf(parts, status.dataset), caller)
      return [status.dataset, publishedOf(seen)]
    }),
  )
  const requests = names.flatMap((dataset) => {
    const newest = published.get(dataset)?.at(-1)
    return newest === undefined ? [] : [{ dataset, partitions: [newest.partition] }]
  })
  const sets =
    requests.length === 0
      ? []
      : await parts.catalog.asTenant(caller.tenant, (session) => readSets(session, requests))
  const sources = sets.flatMap(({ dataset, partitions: [newest] }) => {
    if (newest === undefined) return []
    const seen = isLimited(caller.access) ? seenRows(caller.access, dataset) : null
    const { columns } = newest
    return [
      {
        definition: definitionOf(parts, dataset),
        columns: columns.filter(({ name }) => seen?.columns?.includes(name) !== false),
        rows: published.get(dataset)?.at(-1)?.rows ?? null,
      },
    ]
  })
  return { sources, published }
}
