import { useNavigate } from '@tanstack/react-router'
import { ChevronsDownUp, ChevronsUpDown } from 'lucide-react'
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress } from '~/browser/address.ts'
import { Detail } from '~/screens/lineage/detail.tsx'
import { List } from '~/screens/lineage/list.tsx'
import {
  fold,
  groupsOf,
  type Box,
  type GroupBy,
  type Kind,
  type Lineage,
  type LineageNode,
} from '~/screens/lineage/model.ts'
import { lineageTexts as texts } from '~/texts/lineage.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { TextField } from '~/ui/field.tsx'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

const Canvas = lazy(() => import('~/screens/lineage/canvas.tsx'))

/** On a phone the list is the better picture. */
const byDefault = matchMedia('(width < 640px)').matches ? 'list' : 'graph'

/** What comes from where, and in which state it is. */
export function Screen() {
  const [view, setView] = useAddressState<'graph' | 'list'>('view', byDefault)
  const [by, setBy] = useAddressState<GroupBy>('by', 'pack')
  const lineage = useOperation('lineage.show', {}, { everyMs: busyEvery })
  return (
    <Page
      wide
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'lineage.show', input: {} } }}
      actions={
        <>
          {view === 'graph' && (
            <Segments
              label={texts.by}
              value={by}
              onChange={setBy}
              segments={[
                { value: 'pack', label: texts.byPack },
                { value: 'kind', label: texts.byKind },
              ]}
            />
          )}
          <Segments
            label={texts.view}
            value={view}
            onChange={setView}
            segments={[
              { value: 'graph', label: texts.graph },
              { value: 'list', label: texts.list },
            ]}
          />
        </>
      }
    >
      <Answer of={lineage} waiting={<Skeleton className="h-[70dvh] w-full" />}>
        {(data) =>
          data.nodes.length === 0 ? (
            <Card>
              <Empty title={texts.empty}>{texts.emptyHint}</Empty>
            </Card>
          ) : (
            <Views lineage={data} {...{ view, by }} />
          )
        }
      </Answer>
    </Page>
  )
}

const busyEvery = (data: Lineage | undefined) =>
  data?.nodes.some(({ running }) => Number(running) > 0) ? 3_000 : 60_000

function Views({
  lineage,
  view,
  by,
}: {
  readonly lineage: Lineage
  readonly view: 'graph' | 'list'
  readonly by: GroupBy
}) {
  const [closed] = useAddressState('folded', '')
  const [node] = useAddressState('node', '')
  const setAddress = useSetAddress()
  const choose = useCallback(
    (id: string | null) => setAddress({ node: id ?? undefined }),
    [setAddress],
  )
  const [search, setSearch] = useState('')
  const sought = useDeferredValue(search.trim().toLowerCase())
  const folded = useMemo(() => new Set(closed.split(',').filter(Boolean)), [closed])
  const picture = useMemo(() => fold(lineage, by, folded), [lineage, by, folded])
  const fits = (name: string) => name.toLowerCase().includes(sought)
  const found = lineage.nodes.filter(({ name }) => fits(name))
  const fitting =
    sought === ''
      ? null
      : new Set(
          picture.boxes
            .filter(({ nodes }) => nodes.some(({ name }) => fits(name)))
            .map(({ id }) => id),
        )
  const toggle = useCallback(
    (group: string) => {
      const next = new Set(folded)
      if (!next.delete(group)) next.add(group)
      setAddress({ folded: [...next].join(',') })
    },
    [folded, setAddress],
  )
  const openNode = useOpen()
  const chosen = picture.boxes.find(({ id }) => id === node) ?? null
  const open = useCallback(
    (box: Box) => {
      const [only] = box.nodes
      if (box.kind === 'group') toggle(box.group)
      else if (only) openNode(only)
    },
    [toggle, openNode],
  )
  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-64 max-w-full">
          <TextField
            quiet
            type="search"
            label={texts.find}
            placeholder={texts.find}
            value={search}
            onChange={setSearch}
          />
        </div>
        {sought !== '' && (
          <span className="pb-1.5 text-xs text-faint">{texts.found(found.length)}</span>
        )}
        {view === 'graph' && (
          <div role="group" aria-label={texts.groups} className="flex flex-wrap gap-1.5">
            {groupsOf(lineage, by).map(({ name, count }) => (
              <GroupButton
                key={name}
                name={by === 'kind' ? texts.manyKinds[name as Kind] : name}
                count={count}
                isFolded={folded.has(name)}
                onToggle={() => toggle(name)}
              />
            ))}
          </div>
        )}
      </div>
      <Card flush>
        {view === 'list' ? (
          <List lineage={lineage} nodes={found} onOpen={openNode} />
        ) : (
          <div className="relative flex flex-col lg:h-[calc(100dvh-15rem)] lg:min-h-110 lg:flex-row">
            <div className="h-[60dvh] min-w-0 grow lg:h-auto">
              <Suspense fallback={<Skeleton className="h-full w-full" />}>
                <Canvas
                  picture={picture}
                  chosen={chosen?.id ?? null}
                  fitting={fitting}
                  onChoose={choose}
                  onOpen={open}
                />
              </Suspense>
            </div>
            {chosen !== null && (
              <Detail
                box={chosen}
                picture={picture}
                onChoose={choose}
                onOpen={open}
                onClose={() => choose(null)}
              />
            )}
          </div>
        )}
      </Card>
    </>
  )
}

function GroupButton({
  name,
  count,
  isFolded,
  onToggle,
}: {
  readonly name: string
  readonly count: number
  readonly isFolded: boolean
  readonly onToggle: () => void
}) {
  const Icon = isFolded ? ChevronsUpDown : ChevronsDownUp
  return (
    <button
      type="button"
      aria-pressed={isFolded}
      onClick={onToggle}
      className={classes(
        'inline-flex h-8 max-w-60 items-center gap-1.5 rounded-md border px-2 text-xs',
        isFolded
          ? 'border-accent bg-accent-soft'
          : 'border-line bg-surface text-soft hover:bg-sunken',
      )}
    >
      <Icon size={13} aria-hidden className="shrink-0" />
      <span className="truncate">{name}</span>
      <span className="num text-faint">{count}</span>
    </button>
  )
}

/** Goes to what is behind a thing of the picture. */
function useOpen(): (node: LineageNode) => void {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  return useCallback(
    ({ kind, name }) => {
      if (kind === 'source') {
        void navigate({ to: '/t/$tenant/sources/$source', params: { tenant, source: name } })
      } else if (kind === 'analysis') {
        void navigate({ to: '/t/$tenant/analyses/$dataset', params: { tenant, dataset: name } })
      } else if (kind === 'endpoint') {
        void navigate({ to: '/t/$tenant/endpoints/$endpoint', params: { tenant, endpoint: name } })
      } else {
        void navigate({
          to: '/t/$tenant/reports',
          params: { tenant },
          search: { report: name },
        })
      }
    },
    [navigate, tenant],
  )
}
