import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { DoorPage } from '~/doors/door-page.tsx'
import { doors } from '~/texts/doors.ts'

/** A link that was cut short, used, withdrawn or is too old. */
export function BrokenLink({ children }: { readonly children?: ReactNode }) {
  return (
    <DoorPage
      title={doors.broken}
      note={children ?? doors.cutShort}
      foot={
        <Link to="/sign-in" className="underline underline-offset-2 hover:text-ink">
          {doors.toSignIn}
        </Link>
      }
    />
  )
}
