import { useQuery } from '@tanstack/react-query'
import { Ban, Download, Eraser, RotateCcw } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { callOperation, type OutputOf } from '~/api/client.ts'
import { operationQuery, useChange } from '~/api/operation.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { EraseDialog } from '~/screens/subjects/erase-dialog.tsx'
import { byDataset, type DatasetPlaces } from '~/screens/subjects/places.ts'
import { subjectsTexts as texts } from '~/texts/subjects.ts'
import { Button } from '~/ui/button.tsx'
import { Stat } from '~/ui/card.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone, showProblem } from '~/ui/toast.tsx'

type Shown = OutputOf<'subjects.show'>

interface Named {
  readonly kind: string
  readonly value: string
}

/** Where something is published about one subject, and what may be done about it. */
export function SubjectDrawer({
  kind,
  value,
  onClose,
  onErased,
}: Named & { readonly onClose: () => void; readonly onErased: (erasure: string) => void }) {
  const tenant = useTenant()
  const [isErasing, setErasing] = useState(false)
  const shown = useQuery(operationQuery(tenant, 'subjects.show', { kind, value }))
  return (
    <Drawer
      open
      onClose={onClose}
      title={<bdi>{value.slice(0, 200)}</bdi>}
      note={texts.lookUp}
      actions={
        <Actions
          {...{ kind, value }}
          state={shown.data?.collection ?? null}
          onErase={() => setErasing(true)}
        />
      }
    >
      <Answer of={shown}>{(data) => <Known shown={data} />}</Answer>
      {isErasing && (
        <EraseDialog
          {...{ kind, value }}
          places={shown.data?.places ?? []}
          onClose={() => setErasing(false)}
          onErased={onErased}
        />
      )}
    </Drawer>
  )
}

function Known({ shown }: { readonly shown: Shown }) {
  const datasets = byDataset(shown.places)
  const top = Math.max(...datasets.map(({ rows }) => rows), 1)
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center gap-2">
        <Status state={lookOf[shown.collection]} label={texts.states[shown.collection]} />
        {shown.collectionSince !== null && (
          <span className="text-xs text-faint">
            <Time at={shown.collectionSince} />
          </span>
        )}
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Stat label={texts.rows} value={formatCount(shown.rows, true)} />
        <Stat label={texts.firstSeen} value={<Seen at={shown.firstSeen} />} />
        <Stat label={texts.lastSeen} value={<Seen at={shown.lastSeen} />} />
      </div>
      <section>
        <h3 className="text-sm font-semibold">{texts.places}</h3>
        <p className="mb-2 text-xs text-faint">{texts.placesNote}</p>
        {datasets.length === 0 ? (
          <Empty title={texts.gone} />
        ) : (
          <ul className="flex flex-col gap-1">
            {datasets.map((one) => (
              <DatasetRow key={one.dataset} {...one} top={top} />
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

/** The look of a collection among the words of states. */
export const lookOf = { on: 'active', off: 'paused', erased: 'revoked' } as const

function Seen({ at }: { readonly at: string | null }) {
  return <span className="text-sm font-medium">{at === null ? '–' : <Time at={at} exact />}</span>
}

function DatasetRow({
  dataset,
  isSource,
  rows,
  places,
  top,
}: DatasetPlaces & { readonly top: number }) {
  return (
    <li>
      <details className="rounded-md open:bg-sunken">
        <summary
          title={texts.placesOf(dataset, formatCount(rows), formatCount(places.length))}
          className="grid cursor-pointer grid-cols-[minmax(0,3fr)_minmax(0,2fr)_4rem] items-center gap-2 rounded-md px-2 py-1.5 text-sm hover:bg-sunken"
        >
          <span className="truncate">
            {dataset}
            {isSource && <span className="ml-1.5 text-xs text-faint">{texts.source}</span>}
          </span>
          <span aria-hidden className="h-2 rounded-full bg-sunken">
            <span
              className="block h-full min-w-1 rounded-full bg-accent"
              style={{ width: `${(rows / top) * 100}%` }}
            />
          </span>
          <span className="num text-right text-xs">{formatCount(rows, true)}</span>
        </summary>
        <ul className="grid grid-cols-2 gap-x-6 px-2 pb-2 text-xs text-soft">
          {places.map(({ partition, rows: own }) => (
            <li
              key={partition}
              className="num flex justify-between gap-2 border-t border-line py-1"
            >
              <span className="truncate">{partition}</span>
              <span>{formatCount(own)}</span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

function Actions({
  kind,
  value,
  state,
  onErase,
}: Named & { readonly state: Shown['collection'] | null; readonly onErase: () => void }) {
  const tenant = useTenant()
  const [isSaving, setSaving] = useState(false)
  const withhold = useChange('subjects.withhold', { onDone: () => showDone(texts.withheld) })
  const collect = useChange('subjects.collect', { onDone: () => showDone(texts.collected) })
  const save = async () => {
    setSaving(true)
    try {
      await saveStream(await callOperation(tenant, 'subjects.export', { kind, value }))
      showDone(texts.exported)
    } catch (error) {
      showProblem(error)
    } finally {
      setSaving(false)
    }
  }
  if (state === null || state === 'erased') return null
  return (
    <>
      <Button
        icon={<Download size={14} />}
        operation="subjects.export"
        busy={isSaving}
        onClick={() => void save()}
      >
        {texts.export}
      </Button>
      {state === 'on' ? (
        <Button
          icon={<Ban size={14} />}
          operation="subjects.withhold"
          busy={withhold.isPending}
          onClick={() => withhold.mutate({ kind, value })}
        >
          {texts.withhold}
        </Button>
      ) : (
        <Button
          icon={<RotateCcw size={14} />}
          operation="subjects.collect"
          busy={collect.isPending}
          onClick={() => collect.mutate({ kind, value })}
        >
          {texts.collect}
        </Button>
      )}
      <Button
        look="danger"
        icon={<Eraser size={14} />}
        operation="subjects.erase"
        onClick={onErase}
      >
        {texts.erase}
      </Button>
    </>
  )
}
