export const reset = {
  title: 'Choose a new password',
  note: 'You are signed out everywhere then.',
  submit: 'Set the password',
} as const
