import { Link, type LinkProps } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'

import { useMay } from '~/api/access.ts'
import type { OperationName } from '~/api/client.ts'
import { classes } from '~/ui/classes.ts'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'

interface Shared {
  readonly look?: Look
  readonly icon?: ReactNode
  readonly size?: 'small' | 'normal'
  /** What it calls: not drawn for those who may not. */
  readonly operation?: OperationName
}

const base =
  'inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:opacity-50 aria-disabled:opacity-50'

const looks: Record<Look, string> = {
  primary: 'bg-accent text-accent-ink hover:opacity-90',
  plain: 'border border-line bg-surface text-ink hover:bg-sunken',
  quiet: 'text-soft hover:bg-sunken hover:text-ink',
  danger: 'border border-bad text-bad bg-surface hover:bg-bad-soft',
}

const sizes = { small: 'h-7 px-2 text-xs', normal: 'h-8 px-3 text-sm' }

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'>, Shared {
  /** True while what it began is under way: it cannot be pressed twice. */
  readonly busy?: boolean
}

export function Button({
  look = 'plain',
  size = 'normal',
  icon,
  operation,
  busy = false,
  disabled,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const may = useMay()
  if (operation !== undefined && !may(operation)) return null
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={classes(base, looks[look], sizes[size])}
    >
      {busy ? <Turning /> : icon}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  look = 'plain',
  size = 'normal',
  icon,
  operation,
  children,
  ...rest
}: LinkProps & Shared & { readonly children?: ReactNode }) {
  const may = useMay()
  if (operation !== undefined && !may(operation)) return null
  return (
    <Link {...rest} className={classes(base, looks[look], sizes[size])}>
      {icon}
      {children}
    </Link>
  )
}

/** An icon alone; its name is said and shown on hover. */
export function IconButton({
  label,
  children,
  operation,
  ...rest
}: Omit<ComponentProps<'button'>, 'className'> & {
  readonly label: string
  readonly operation?: OperationName
}) {
  const may = useMay()
  if (operation !== undefined && !may(operation)) return null
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-soft transition-colors hover:bg-sunken hover:text-ink disabled:opacity-40"
    >
      {children}
    </button>
  )
}

function Turning() {
  return (
    <span
      aria-hidden
      className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  )
}
