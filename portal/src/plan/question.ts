import type { InputOf, OutputOf } from '~/api/client.ts'

/** What somebody wants to run: places, a region, or what failed in a run. */
export type PlanQuestion = Pick<
  NonNullable<InputOf<'plans.show'>>,
  'places' | 'datasets' | 'partition' | 'failedOf' | 'ofRun' | 'fromTask'
>

export type PlanMode = 'run' | 'rerun' | 'follow'
export type PlanOrder = 'oldest' | 'newest'
export type Plan = OutputOf<'plans.show'>

/** Tasks that are listed; the summary speaks of all of them. */
export const LISTED = 500

export function planInput(
  question: PlanQuestion,
  mode: PlanMode,
  order: PlanOrder,
): NonNullable<InputOf<'plans.show'>> {
  return {
    ...question,
    mode: mode === 'run' ? 'run' : 'rerun',
    ...(mode === 'follow' && { downstream: true }),
    ...(order === 'newest' && { order }),
    tasksMax: LISTED,
  }
}

/** The reasons of a plan, the most frequent first; those that name partitions count as one. */
export function reasonsOf(
  tasks: Plan['tasks'],
): { readonly kind: string; readonly tasks: number; readonly text: string }[] {
  const found = new Map<string, { tasks: number; text: string; texts: Set<string> }>()
  for (const { causes } of tasks) {
    for (const { kind, text } of causes) {
      const own = found.get(kind) ?? { tasks: 0, text, texts: new Set() }
      own.tasks++
      if (own.texts.size < 2) own.texts.add(text)
      found.set(kind, own)
    }
  }
  return [...found]
    .map(([kind, { tasks: number, text, texts }]) => ({
      kind,
      tasks: number,
      text: texts.size > 1 ? `${text}, …` : text,
    }))
    .toSorted((a, b) => b.tasks - a.tasks)
}
