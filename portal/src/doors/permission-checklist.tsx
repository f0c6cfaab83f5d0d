import { useAccess, useAccount } from '~/api/access.ts'
import { doors } from '~/texts/doors.ts'
import { Checkbox } from '~/ui/field.tsx'

/** What may be given: nobody gives what he does not have. */
export function PermissionChecklist<Permission extends keyof typeof doors.permissions>({
  label,
  offered,
  chosen,
  onChange,
}: {
  readonly label: string
  readonly offered: readonly Permission[]
  readonly chosen: ReadonlySet<Permission>
  readonly onChange: (chosen: ReadonlySet<Permission>) => void
}) {
  const held: readonly string[] = useAccess()?.permissions ?? []
  const isOperator = useAccount()?.isOperator === true
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 text-xs font-medium text-soft">{label}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {offered.map((permission) => (
          <Checkbox
            key={permission}
            label={doors.permissions[permission]}
            hint={doors.permissionHints[permission]}
            checked={chosen.has(permission)}
            disabled={!isOperator && !held.includes(permission)}
            onChange={(isChosen) => {
              const next = new Set(chosen)
              if (isChosen) next.add(permission)
              else next.delete(permission)
              onChange(next)
            }}
          />
        ))}
      </div>
    </fieldset>
  )
}
