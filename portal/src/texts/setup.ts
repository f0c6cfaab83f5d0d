export const setup = {
  title: 'Welcome',
  note: 'This link makes you an operator of this Millrace, and works once. Choose a password to come in with from now on.',
  submit: 'Begin',
} as const
