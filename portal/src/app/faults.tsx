import { Link, type ErrorComponentProps } from '@tanstack/react-router'

import { navigation } from '~/texts/navigation.ts'
import { Button } from '~/ui/button.tsx'
import { Empty, Problem } from '~/ui/states.tsx'

export function Lost() {
  return (
    <main className="p-6">
      <Empty title={navigation.lost} action={<HomeLink />}>
        {navigation.lostHint}
      </Empty>
    </main>
  )
}

/** A fault of the portal itself; the navigation around it goes on working. */
export function Crashed({ error }: ErrorComponentProps) {
  const isLoad = /import|module|chunk/i.test(String(error))
  return (
    <div className="p-6">
      <h1 className="px-2 text-lg font-semibold">{navigation.crashed}</h1>
      {isLoad && <p className="px-2 text-soft">{navigation.loadFailed}</p>}
      <Problem error={error} />
      <div className="px-2">
        <Button onClick={() => location.reload()}>{navigation.reload}</Button>
      </div>
    </div>
  )
}

function HomeLink() {
  return (
    <Link to="/" className="text-accent underline underline-offset-2">
      {navigation.home}
    </Link>
  )
}
