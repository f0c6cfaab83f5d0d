import { useAccess } from '~/api/access.ts'
import { PermissionWords } from '~/doors/permission-marks.tsx'
import { Seen } from '~/doors/seen.tsx'
import { rolesToGive, type RoleRights } from '~/screens/people/permission-grid.ts'
import { people } from '~/texts/people.ts'
import { classes } from '~/ui/classes.ts'

/** The roles that the viewer may give, each with what it allows. */
export function RoleChoice({
  rights,
  names,
  value,
  onChange,
}: {
  readonly rights: ReadonlyMap<string, RoleRights>
  readonly names: readonly string[] | undefined
  readonly value: string
  readonly onChange: (role: string) => void
}) {
  const own = useAccess()?.permissions ?? []
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-xs font-medium text-soft">{people.role}</legend>
      {rolesToGive(rights, own).map(({ name, permissions, access }) => (
        <label
          key={name}
          className={classes(
            'flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2 text-sm',
            value === name ? 'border-accent bg-accent-soft' : 'border-line hover:bg-sunken',
          )}
        >
          <input
            type="radio"
            name="role"
            value={name}
            checked={value === name}
            onChange={() => onChange(name)}
            className="mt-1 accent-(--accent)"
          />
          <span className="flex min-w-0 grow flex-col gap-1">
            <span className="truncate font-medium">{name}</span>
            <PermissionWords permissions={permissions} />
            {access && <Seen access={access} names={names} />}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
