import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronRight } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import type { MatrixRow } from '~/screens/matrix/use-matrix.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'

/** Name of a row: leads to its dataset, and opens its keys. */
export function RowHead({
  row,
  isOpen,
  hasParts,
  onToggle,
}: {
  readonly row: MatrixRow
  /** True: some of the rows can be opened, and names stand in one line. */
  readonly hasParts: boolean
  readonly isOpen: boolean
  readonly onToggle: () => void
}) {
  const tenant = useTenant() ?? ''
  const { dataset, part, kind, parts, description, cut } = row.shown
  if (part !== null) {
    return (
      <span className="truncate pl-6 text-soft" title={row.label}>
        {row.label}
      </span>
    )
  }
  const Chevron = isOpen ? ChevronDown : ChevronRight
  const title = `${description}\n${texts.cut} ${cut}`
  const look = 'min-w-0 truncate font-medium hover:underline'
  return (
    <>
      {parts > 0 ? (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={isOpen ? texts.collapse(dataset) : texts.expand(dataset)}
          onClick={onToggle}
          className="-ml-1 flex size-6 shrink-0 items-center justify-center rounded text-soft hover:bg-sunken hover:text-ink"
        >
          <Chevron size={14} />
        </button>
      ) : (
        hasParts && <span className="w-5 shrink-0" />
      )}
      {kind === 'source' ? (
        <Link
          to="/t/$tenant/sources/$source"
          params={{ tenant, source: dataset }}
          title={title}
          className={look}
        >
          {dataset}
        </Link>
      ) : (
        <Link
          to="/t/$tenant/analyses/$dataset"
          params={{ tenant, dataset }}
          title={title}
          className={look}
        >
          {dataset}
        </Link>
      )}
    </>
  )
}
