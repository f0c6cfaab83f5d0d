import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useId, useMemo, useState } from 'react'

import { useAccount, useMay, useTenant } from '~/api/access.ts'
import { operationQuery } from '~/api/operation.ts'
import { screens, titleOf, type ScreenEntry, type ScreenName } from '~/app/screens.ts'
import { changeTheme } from '~/browser/theme.ts'
import { common } from '~/texts/common.ts'
import { navigation } from '~/texts/navigation.ts'
import { classes } from '~/ui/classes.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { inputClass } from '~/ui/field.tsx'

interface Goal {
  readonly id: string
  readonly kind: string
  readonly title: string
  go(): void
}

const SHOWN = 12

/** Everything by its name: screens, datasets, endpoints, runs, tenants. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const goals = useGoals()
  const wanted = useDeferredValue(text)
  const found = useMemo(() => bestOf(goals, wanted), [goals, wanted])
  const chosen = found[Math.min(at, found.length - 1)]

  const go = (goal: Goal | undefined) => {
    if (!goal) return
    onClose()
    goal.go()
  }
  return (
    <Dialog open onClose={onClose} title={navigation.palette.title}>
      <input
        // The dialog was opened to type.
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${chosen.id}`}
        aria-label={navigation.palette.title}
        placeholder={navigation.palette.placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
          if (step !== 0) {
            event.preventDefault()
            setAt((now) => (now + step + found.length) % Math.max(found.length, 1))
          }
          if (event.key === 'Enter') go(chosen)
        }}
        className={classes(inputClass, 'h-10')}
      />
      <div
        id={list}
        role="listbox"
        aria-label={navigation.palette.title}
        className="mt-2 h-96 overflow-y-auto"
      >
        {found.map((goal) => (
          <div
            key={goal.id}
            id={`${list}-${goal.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={goal === chosen}
            onClick={() => go(goal)}
            onPointerMove={() => setAt(found.indexOf(goal))}
            className={classes(
              'flex h-9 cursor-default items-center gap-3 rounded-md px-3 text-sm',
              goal === chosen && 'bg-accent-soft',
            )}
          >
            <span className="truncate">{goal.title}</span>
            <span className="ml-auto shrink-0 text-xs text-soft">{goal.kind}</span>
          </div>
        ))}
        {found.length === 0 && <p className="p-3 text-sm text-faint">{common.nothingFits}</p>}
      </div>
      <p className="text-xs text-faint">{navigation.palette.hint}</p>
    </Dialog>
  )
}

function useGoals(): readonly Goal[] {
  const tenant = useTenant()
  const may = useMay()
  const account = useAccount()
  const navigate = useNavigate()
  const { palette } = navigation
  const inTenant = tenant !== null
  const datasets = useQuery({
    ...operationQuery(tenant, 'datasets.list', {}),
    enabled: inTenant && may('datasets.list'),
  })
  const endpoints = useQuery({
    ...operationQuery(tenant, 'endpoints.list', {}),
    enabled: inTenant && may('endpoints.list'),
  })
  const runs = useQuery({
    ...operationQuery(tenant, 'runs.list', { limit: 20 }),
    enabled: inTenant && may('runs.list'),
  })
  const tenants = useQuery({
    ...operationQuery(null, 'tenants.list', { limit: 100 }),
    enabled: account?.isOperator ?? false,
  })
  const goal = (kind: string, title: string, to: string): Goal => ({
    id: to.replace(/\W/g, '-'),
    kind,
    title,
    go: () => void navigate({ to }),
  })
  const slugs = new Set([
    ...(account?.memberships.map((one) => one.tenant) ?? []),
    ...(tenants.data?.tenants.map(({ slug }) => slug) ?? []),
  ])
  return [
    ...(Object.keys(screens) as ScreenName[]).flatMap((name) => {
      const { path, needs }: ScreenEntry = screens[name]
      const isAbsolute = path.startsWith('/')
      if ((!isAbsolute && !inTenant) || (needs !== undefined && !may(needs))) return []
      return [goal(palette.screen, titleOf(name), isAbsolute ? path : `/t/${tenant}/${path}`)]
    }),
    ...(datasets.data?.datasets.map(({ dataset }) =>
      goal(palette.dataset, dataset, `/t/${tenant}/analyses/${dataset}`),
    ) ?? []),
    ...(endpoints.data?.endpoints.map(({ endpoint }) =>
      goal(palette.endpoint, endpoint, `/t/${tenant}/endpoints/${endpoint}`),
    ) ?? []),
    ...(runs.data?.runs.map(({ id, title }) =>
      goal(palette.run, `${title} · ${id}`, `/t/${tenant}/runs/${id}`),
    ) ?? []),
    ...[...slugs].map((slug) => goal(palette.tenant, slug, `/t/${slug}/home`)),
    { id: 'theme', kind: palette.action, title: navigation.theme, go: changeTheme },
  ]
}

/** Those whose letters come in this order, the closest first. */
function bestOf(goals: readonly Goal[], text: string): readonly Goal[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return goals.slice(0, SHOWN)
  return goals
    .map((goal) => ({ goal, score: closeness(goal.title.toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, SHOWN)
    .map(({ goal }) => goal)
}

function closeness(title: string, wanted: string): number {
  const at = title.indexOf(wanted)
  if (at >= 0) return 1000 - at - title.length / 100
  let from = 0
  let gaps = 0
  for (const letter of wanted) {
    const next = title.indexOf(letter, from)
    if (next < 0) return 0
    gaps += next - from
    from = next + 1
  }
  return Math.max(500 - gaps, 1)
}
