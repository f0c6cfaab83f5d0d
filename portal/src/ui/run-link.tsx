import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'

/** The way to a run of the tenant, by its id; `short`: by the end of it, which tells runs apart. */
export function RunLink({
  run,
  short = false,
}: {
  readonly run: string
  readonly short?: boolean
}) {
  const tenant = useTenant() ?? ''
  return (
    <Link
      to="/t/$tenant/runs/$run"
      params={{ tenant, run }}
      // The row around it may open something else.
      onClick={(event) => event.stopPropagation()}
      className="font-mono text-xs underline decoration-dotted underline-offset-2"
    >
      {short ? run.slice(-7) : run}
    </Link>
  )
}
