import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'

import { useMay } from '~/api/access.ts'
import type { OperationName } from '~/api/client.ts'
import { classes } from '~/ui/classes.ts'

export interface MenuItem {
  readonly label: string
  readonly icon?: ReactNode
  readonly onSelect: () => void
  /** What it calls: left out for those who may not. */
  readonly operation?: OperationName
  readonly danger?: boolean
  readonly disabled?: boolean
  /** Under a heading of its own, behind what has none. */
  readonly group?: string
}

/** Further things to do, behind a button; null where the viewer may do none of them. */
export function Menu({
  trigger,
  items,
}: {
  readonly trigger: ReactElement
  readonly items: readonly MenuItem[]
}) {
  const may = useMay()
  const allowed = items.filter(({ operation }) => operation === undefined || may(operation))
  if (allowed.length === 0) return null
  const groups = Map.groupBy(allowed, ({ group }) => group)
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-50">
          <Base.Popup className="max-h-(--available-height) min-w-44 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-high outline-none">
            {Array.from(groups, ([group, own]) =>
              group === undefined ? (
                <Items key="" items={own} />
              ) : (
                <Base.Group key={group} className="mt-1 border-t border-line pt-1">
                  <Base.GroupLabel className="px-2.5 py-1 text-xs text-faint">
                    {group}
                  </Base.GroupLabel>
                  <Items items={own} />
                </Base.Group>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Items({ items }: { readonly items: readonly MenuItem[] }) {
  return items.map((item) => (
    <Base.Item
      key={item.label}
      disabled={item.disabled ?? false}
      onClick={item.onSelect}
      className={classes(
        'flex h-8 cursor-default items-center gap-2 rounded-md px-2.5 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-sunken',
        item.danger && 'text-bad',
      )}
    >
      {item.icon}
      {item.label}
    </Base.Item>
  ))
}
