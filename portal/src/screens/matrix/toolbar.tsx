import type { ViewStore } from '~/matrix/view-store.ts'
import type { View } from '~/matrix/view.ts'
import { Zoom } from '~/matrix/zoom.tsx'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { TextField } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'

/** Finding rows, and ways to move that need no wheel. */
export function Toolbar({
  search,
  onSearch,
  isTable,
  onTable,
  isHand,
  onHand,
  store,
  extent,
  isBehind,
}: {
  readonly search: string
  readonly onSearch: (search: string) => void
  readonly isTable: boolean
  readonly onTable: (isTable: boolean) => void
  readonly isHand: boolean
  readonly onHand: (isHand: boolean) => void
  readonly store: ViewStore
  readonly extent: View | null
  readonly isBehind: boolean
}) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <div className="w-60 max-sm:w-full">
        <TextField
          quiet
          type="search"
          label={texts.search}
          placeholder={texts.search}
          value={search}
          onChange={onSearch}
        />
      </div>
      <span className="mr-auto text-xs text-faint" role="status">
        {isBehind && texts.behind}
      </span>
      {!isTable && <Zoom store={store} extent={extent} isHand={isHand} onHand={onHand} />}
      <Segments
        label={texts.view}
        value={isTable ? 'table' : 'picture'}
        onChange={(next) => onTable(next === 'table')}
        segments={(['picture', 'table'] as const).map((value) => ({
          value,
          label: texts.views[value],
        }))}
      />
    </div>
  )
}
