import { Link } from '@tanstack/react-router'
import {
  Activity,
  Boxes,
  Building2,
  CalendarClock,
  Database,
  FileClock,
  Gauge,
  Grid3x3,
  House,
  KeyRound,
  LayoutGrid,
  ListTodo,
  Mails,
  Play,
  Plug,
  ScanSearch,
  ScrollText,
  Send,
  Settings,
  ShieldCheck,
  SquareTerminal,
  Users,
  UserSearch,
  Workflow,
  type LucideIcon,
} from 'lucide-react'

import { useMay, useTenant } from '~/api/access.ts'
import { Brand } from '~/app/brand.tsx'
import {
  groups,
  screens,
  screensOf,
  titleOf,
  type ScreenEntry,
  type ScreenName,
} from '~/app/screens.ts'
import { navigation } from '~/texts/navigation.ts'

const icons: Record<ScreenName, LucideIcon> = {
  home: House,
  explore: ScanSearch,
  quality: ShieldCheck,
  subjects: UserSearch,
  deliveries: Send,
  reports: Mails,
  endpoints: Plug,
  queries: SquareTerminal,
  sources: Database,
  lineage: Workflow,
  matrix: Grid3x3,
  runs: Play,
  tasks: ListTodo,
  schedules: CalendarClock,
  analyses: FileClock,
  keys: KeyRound,
  people: Users,
  usage: Gauge,
  audit: ScrollText,
  settings: Settings,
  operateTenants: Building2,
  operateHealth: Activity,
  operateMatrix: LayoutGrid,
}

/** The ways to all screens that the viewer may see. */
export function SideNavigation() {
  const tenant = useTenant()
  const may = useMay()
  return (
    <nav aria-label={navigation.main} className="flex min-h-0 w-full flex-col">
      <div className="flex h-12 shrink-0 items-center border-b border-line px-3">
        <Brand />
      </div>
      <div className="flex min-h-0 grow flex-col gap-4 overflow-y-auto p-2">
        {groups.map((group) => {
          const names = screensOf(group).filter((name) => {
            const { path, needs }: ScreenEntry = screens[name]
            if (!path.startsWith('/') && tenant === null) return false
            return needs === undefined || may(needs)
          })
          if (names.length === 0) return null
          return (
            <div key={group}>
              <h2 className="flex items-center gap-1 px-2 pb-1 text-2xs font-semibold tracking-wide text-faint uppercase">
                {group === 'operate' && <Boxes size={11} aria-hidden />}
                {navigation.groups[group]}
              </h2>
              <ul>
                {names.map((name) => (
                  <li key={name}>
                    <Way name={name} tenant={tenant} />
                  </li>
                ))}
              </ul>
            </div>
          )
        })}
      </div>
    </nav>
  )
}

function Way({ name, tenant }: { readonly name: ScreenName; readonly tenant: string | null }) {
  const Icon = icons[name]
  const { path } = screens[name]
  const to = path.startsWith('/') ? path : `/t/${tenant ?? ''}/${path}`
  return (
    <Link
      to={to}
      activeOptions={{ includeSearch: false }}
      className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-soft hover:bg-sunken hover:text-ink"
      activeProps={{
        className: 'bg-accent-soft font-medium text-ink',
        'aria-current': 'page',
      }}
    >
      <Icon size={16} aria-hidden className="shrink-0" />
      <span className="truncate">{titleOf(name)}</span>
    </Link>
  )
}
