import { Table2, Waypoints } from 'lucide-react'

import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress } from '~/browser/address.ts'
import type { Subject } from '~/rows/question.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Card } from '~/ui/card.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'
import { StatusBar } from '~/ui/status.tsx'

interface Entry extends Subject {
  readonly description: string
  readonly note: string
  readonly states: Readonly<Record<string, number>> | null
}

/** Everything that can be explored, as cards. */
export function SubjectGallery() {
  const [text, setText] = useAddressState('find', '')
  const endpoints = useOperation('endpoints.list', { limit: 200 })
  const datasets = useOperation('datasets.list', {})
  const set = useSetAddress()
  const open = ({ kind, name }: Subject) => set({ find: undefined, [kind]: name }, { push: true })
  const fits = ({ name, description }: Entry) =>
    `${name} ${description}`.toLowerCase().includes(text.trim().toLowerCase())
  return (
    <>
      <div className="max-w-md">
        <TextField label={texts.search} value={text} onChange={setText} type="search" />
      </div>
      <Answer of={endpoints} waiting={<Waiting />}>
        {({ endpoints: found }) => (
          <Entries
            title={texts.endpoints}
            note={texts.endpointsNote}
            icon={<Waypoints size={16} aria-hidden />}
            onOpen={open}
            text={text}
            entries={found
              .map(({ endpoint, description, parameters }) => ({
                kind: 'endpoint' as const,
                name: endpoint,
                description,
                note: parameters.map(({ name }) => name).join(', '),
                states: null,
              }))
              .filter(fits)}
          />
        )}
      </Answer>
      <Answer of={datasets} waiting={<Waiting />}>
        {({ datasets: found }) => (
          <Entries
            title={texts.datasets}
            note={texts.datasetsNote}
            icon={<Table2 size={16} aria-hidden />}
            onOpen={open}
            text={text}
            entries={found
              .filter(({ publishedAt }) => publishedAt !== null)
              .map(({ dataset, description, rows, first, last, states }) => ({
                kind: 'dataset' as const,
                name: dataset,
                description,
                note: [
                  rows === null ? null : texts.rows(formatCount(rows, true)),
                  first === null || last === null || first === 'all'
                    ? null
                    : texts.span(first, last),
                ]
                  .filter((part) => part !== null)
                  .join(' · '),
                states,
              }))
              .filter(fits)}
          />
        )}
      </Answer>
    </>
  )
}

function Waiting() {
  return (
    <Card>
      <SkeletonRows rows={4} />
    </Card>
  )
}

function Entries({
  title,
  note,
  icon,
  entries,
  text,
  onOpen,
}: {
  readonly title: string
  readonly note: string
  readonly icon: React.ReactNode
  readonly entries: readonly Entry[]
  readonly text: string
  readonly onOpen: (entry: Entry) => void
}) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="flex items-baseline gap-2 text-sm font-semibold">
        {title}
        <span className="text-xs font-normal text-faint">{note}</span>
      </h2>
      {entries.length === 0 ? (
        <Card>
          {text === '' ? (
            <Empty title={texts.nothing}>{texts.nothingHint}</Empty>
          ) : (
            <Empty title={texts.nothingFound(text)} />
          )}
        </Card>
      ) : (
        <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
          {entries.map((entry) => (
            <li key={entry.name} className="min-w-0">
              <button
                type="button"
                onClick={() => onOpen(entry)}
                className="flex h-full w-full flex-col gap-1 rounded-lg border border-line bg-surface p-3 text-left shadow-card transition-colors hover:border-accent"
              >
                <span className="flex w-full min-w-0 items-center gap-2 font-medium">
                  <span className="text-faint">{icon}</span>
                  <span className="truncate">{entry.name}</span>
                </span>
                <span className="line-clamp-2 text-xs text-soft [overflow-wrap:anywhere]">
                  {entry.description}
                </span>
                <span className="num mt-auto w-full truncate pt-1 text-xs text-faint">
                  {entry.note}
                </span>
                {entry.states !== null && <StatusBar counts={entry.states} label={entry.name} />}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
