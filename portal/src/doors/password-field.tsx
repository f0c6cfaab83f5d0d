import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'

import { doors } from '~/texts/doors.ts'
import { Field, inputClass } from '~/ui/field.tsx'
import { classes } from '~/ui/classes.ts'

/** A password that one may look at while typing it. */
export function PasswordField({
  label = doors.password,
  value,
  onChange,
  isNew = false,
  name = 'password',
  autoFocus = false,
}: {
  readonly label?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** True: chosen now, and long enough. */
  readonly isNew?: boolean
  readonly name?: string
  readonly autoFocus?: boolean
}) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field label={label} hint={isNew ? doors.passwordHint : undefined}>
      {(props) => (
        <span className="relative block">
          <input
            {...props}
            name={name}
            type={isShown ? 'text' : 'password'}
            autoComplete={isNew ? 'new-password' : 'current-password'}
            autoCapitalize="off"
            spellCheck={false}
            required
            minLength={isNew ? 10 : undefined}
            maxLength={isNew ? 200 : 1000}
            autoFocus={autoFocus}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={classes(inputClass, 'h-8 pr-9')}
          />
          <button
            type="button"
            aria-label={isShown ? doors.hidePassword : doors.showPassword}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
            className="absolute top-0 right-0 flex h-8 w-8 items-center justify-center rounded-md text-faint hover:text-ink"
          >
            <Icon size={16} />
          </button>
        </span>
      )}
    </Field>
  )
}
