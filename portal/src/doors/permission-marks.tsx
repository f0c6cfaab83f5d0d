import { doors } from '~/texts/doors.ts'
import { classes } from '~/ui/classes.ts'

type Permission = keyof typeof doors.permissions

/** One square of the picture of who may do what: filled for yes, a dot for no. */
export function PermissionMark({
  permission,
  held,
  who,
}: {
  readonly permission: Permission
  readonly held: boolean
  readonly who: string
}) {
  const what = doors.permissionHints[permission]
  const text = held ? doors.may(who, what) : doors.mayNot(who, what)
  return (
    <span
      role="img"
      aria-label={text}
      title={text}
      className={classes(
        'inline-flex size-5 items-center justify-center rounded',
        held
          ? isStrong(permission)
            ? 'bg-warn-soft text-warn'
            : 'bg-accent-soft text-accent'
          : 'text-line-strong',
      )}
    >
      <svg viewBox="0 0 12 12" aria-hidden className="size-3">
        {held ? (
          <path d="M2 6.5 4.8 9 10 3" fill="none" stroke="currentColor" strokeWidth="2" />
        ) : (
          <circle cx="6" cy="6" r="1.3" fill="currentColor" />
        )}
      </svg>
    </span>
  )
}

/** What other people's access hangs on. */
const isStrong = (permission: Permission) => ['admin', 'owner', 'operator'].includes(permission)

/** All that is held, as words in a row: for cards and narrow screens. */
export function PermissionWords({ permissions }: { readonly permissions: Iterable<string> }) {
  const held = new Set(permissions)
  const all = (Object.keys(doors.permissions) as Permission[]).filter((one) => held.has(one))
  return (
    <ul className="flex flex-wrap gap-1">
      {all.map((permission) => (
        <li
          key={permission}
          title={doors.permissionHints[permission]}
          className={classes(
            'rounded px-1.5 py-0.5 text-xs font-medium',
            isStrong(permission) ? 'bg-warn-soft text-warn' : 'bg-accent-soft text-accent',
          )}
        >
          {doors.permissions[permission]}
        </li>
      ))}
    </ul>
  )
}
