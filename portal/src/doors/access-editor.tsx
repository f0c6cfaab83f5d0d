import { SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'

import type { AccessDraft } from '~/doors/access-draft.ts'
import { AccessLimits } from '~/doors/access-limits.tsx'
import { useThings, type Thing } from '~/doors/seen.tsx'
import { doors } from '~/texts/doors.ts'
import { IconButton } from '~/ui/button.tsx'
import { TextField } from '~/ui/field.tsx'
import { SkeletonRows } from '~/ui/states.tsx'

const SEARCH_FROM = 10

/** Which datasets and endpoints are seen, and of each which columns and rows. */
export function AccessEditor({
  draft,
  onChange,
}: {
  readonly draft: AccessDraft
  readonly onChange: (draft: AccessDraft) => void
}) {
  const things = useThings()
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState<string>()
  const { isAll, chosen } = draft
  const isLimited = Object.keys({ ...draft.columns, ...draft.rows }).length > 0
  const choices = [
    [true, doors.access.all],
    [false, doors.access.some],
  ] as const
  const wanted = search.trim().toLowerCase()
  const shown = (things ?? []).filter(
    ({ name }) => (!isAll || chosen.has(name)) && name.toLowerCase().includes(wanted),
  )
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-2 text-xs font-medium text-soft">{doors.access.title}</legend>
      {choices.map(([value, label]) => (
        <label key={label} className="flex items-center gap-2 text-sm">
          <input
            type="radio"
            name="seen"
            checked={isAll === value}
            onChange={() => onChange({ ...draft, isAll: value })}
            className="accent-(--accent)"
          />
          {label}
        </label>
      ))}
      {(!isAll || isLimited) && things === undefined && <SkeletonRows rows={3} />}
      {(!isAll || isLimited) && things !== undefined && (
        <div className="rounded-md border border-line">
          {things.length >= SEARCH_FROM && !isAll && (
            <div className="border-b border-line p-2">
              <TextField
                quiet
                type="search"
                label={doors.access.search}
                placeholder={doors.access.search}
                value={search}
                onChange={setSearch}
              />
            </div>
          )}
          <ul className="max-h-72 overflow-y-auto" tabIndex={0} aria-label={doors.access.title}>
            {shown.map((thing) => (
              <ThingRow
                key={`${thing.kind} ${thing.name}`}
                {...{ thing, draft, onChange }}
                isOpen={open === thing.name}
                onOpen={() => setOpen(open === thing.name ? undefined : thing.name)}
              />
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  )
}

function ThingRow({
  thing,
  draft,
  onChange,
  isOpen,
  onOpen,
}: {
  readonly thing: Thing
  readonly draft: AccessDraft
  readonly onChange: (draft: AccessDraft) => void
  readonly isOpen: boolean
  readonly onOpen: () => void
}) {
  const { name, kind, description } = thing
  const isSeen = draft.isAll || draft.chosen.has(name)
  const toggle = (isChosen: boolean) => {
    const chosen = new Set(draft.chosen)
    if (isChosen) chosen.add(name)
    else chosen.delete(name)
    onChange({ ...draft, chosen })
  }
  const isNarrow = (draft.columns[name]?.length ?? 0) > 0 || (draft.rows[name]?.length ?? 0) > 0
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="flex items-center gap-2 px-3 py-1.5 text-sm">
        <label className="flex min-w-0 grow items-center gap-2">
          <input
            type="checkbox"
            checked={isSeen}
            disabled={draft.isAll}
            onChange={(event) => toggle(event.target.checked)}
            className="size-4 shrink-0 accent-(--accent)"
          />
          <span className="min-w-0">
            <span className="block truncate">
              {name} <span className="text-xs text-faint">{doors.access[kind]}</span>
            </span>
            {description !== '' && (
              <span className="block truncate text-xs text-faint" title={description}>
                {description}
              </span>
            )}
          </span>
        </label>
        {isSeen && (
          <span className={isNarrow ? 'rounded-md bg-warn-soft' : undefined}>
            <IconButton label={doors.access.narrow(name)} aria-expanded={isOpen} onClick={onOpen}>
              <SlidersHorizontal size={14} />
            </IconButton>
          </span>
        )}
      </div>
      {isSeen && isOpen && <AccessLimits thing={thing} draft={draft} onChange={onChange} />}
    </li>
  )
}
