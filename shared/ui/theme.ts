// The Mantine theme of both user interfaces: tokens.css seen through Mantine's eyes, and the sizes of its controls.
// Owns the mapping only; colours live in styles/tokens.css, looks in styles/controls.css.
import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  InputWrapper,
  type MantineColorsTuple,
  Menu,
  Modal,
  Notification,
  PasswordInput,
  Select,
  Switch,
  Tooltip,
  type VariantColorsResolver,
} from '@mantine/core'

const accent: MantineColorsTuple = [
  '#EAF0FD',
  '#D3E0FA',
  '#A8C0F6',
  '#8DAEFF',
  '#6C95FF',
  '#4F7BEB',
  '#2B5BD7',
  '#234FBE',
  '#3F6BE0',
  '#1A3F9B',
]

const heights = { xs: '28px', sm: '32px', md: '36px', lg: '40px' } as const
type ControlSize = keyof typeof heights
const sizeOf = (size: unknown): ControlSize =>
  typeof size === 'string' && size in heights ? (size as ControlSize) : 'sm'

const buttonPadding: Record<ControlSize, string> = { xs: '12px', sm: '13px', md: '14px', lg: '18px' }

/** Buttons come in five looks: filled, default (outlined), danger (red text, outlined), danger-filled, subtle. */
const variantColors: VariantColorsResolver = (input) => {
  switch (input.variant) {
    case 'filled':
      return {
        background: 'var(--accent-fill)',
        hover: 'var(--accent-fill-hover)',
        color: 'var(--on-fill)',
        border: '1px solid transparent',
      }
    case 'default':
      return {
        background: 'var(--raised)',
        hover: 'var(--hover)',
        color: 'var(--text)',
        border: '1px solid var(--edge)',
      }
    case 'danger':
      return {
        background: 'var(--raised)',
        hover: 'var(--hover)',
        color: 'var(--red)',
        border: '1px solid var(--edge)',
      }
    case 'danger-filled':
      return {
        background: 'var(--danger-fill)',
        hover: 'var(--danger-fill-hover)',
        color: 'var(--on-fill)',
        border: '1px solid transparent',
      }
    case 'subtle':
      return {
        background: 'transparent',
        hover: 'var(--hover)',
        color: 'var(--accent)',
        border: '1px solid transparent',
      }
    default:
      return defaultVariantColorsResolver(input)
  }
}

/** Mantine's own variables, set from our roles, so that the two can never disagree. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-bright': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-3)',
    '--mantine-color-placeholder': 'var(--text-3)',
    '--mantine-color-default': 'var(--raised)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-error': 'var(--red)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-primary-color-filled': 'var(--accent-fill)',
    '--mantine-primary-color-filled-hover': 'var(--accent-fill-hover)',
  },
  light: {},
  dark: {},
})

const inputClasses = { input: 'ui-input' }

/** Theme for MantineProvider; use it through UiProvider. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 8 },
  colors: { accent },
  variantColorResolver: variantColors,
  fontSizes: { xs: '12px', sm: 'var(--body-size)', md: 'var(--body-size)', lg: '15px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '22px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '28px' },
  radius: { xs: '5px', sm: '7px', md: '8px', lg: '10px', xl: '14px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { variant: 'default', size: 'sm' },
      classNames: { root: 'ui-button' },
      vars: (_theme, props) => {
        const size = sizeOf(props.size)
        return {
          root: {
            '--button-height': heights[size],
            '--button-padding-x': buttonPadding[size],
            '--button-fz': size === 'lg' ? '14px' : 'var(--body-size)',
            '--button-radius': size === 'md' || size === 'lg' ? '8px' : '7px',
          },
        }
      },
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: 'transparent', size: 'md' },
      classNames: { root: 'ui-icon-button' },
      vars: (_theme, props) => ({ root: { '--ai-size': heights[sizeOf(props.size)], '--ai-color': 'var(--text-2)' } }),
    }),
    Input: Input.extend({
      classNames: inputClasses,
      vars: (_theme, props) => ({
        wrapper: { '--input-height': heights[sizeOf(props.size)], '--input-fz': '14px', '--input-padding-y': '6px' },
      }),
    }),
    InputWrapper: InputWrapper.extend({ classNames: { label: 'ui-input-label', error: 'ui-input-error' } }),
    PasswordInput: PasswordInput.extend({ classNames: { input: 'ui-input', innerInput: 'ui-input-inner' } }),
    Menu: Menu.extend({
      defaultProps: { position: 'bottom-end', offset: 5, transitionProps: { duration: 120 } },
      classNames: { dropdown: 'ui-menu', item: 'ui-menu-item', divider: 'ui-menu-divider', label: 'ui-menu-label' },
    }),
    Modal: Modal.extend({
      // Mantine's own scroll lock writes a style element without the nonce; styles/controls.css locks instead.
      defaultProps: {
        centered: true,
        radius: 14,
        lockScroll: false,
        transitionProps: { duration: 180, transition: 'fade' },
      },
      classNames: {
        content: 'ui-dialog-content',
        header: 'ui-dialog-header',
        title: 'ui-dialog-title',
        body: 'ui-dialog-body',
        overlay: 'ui-overlay',
      },
    }),
    Select: Select.extend({ classNames: { dropdown: 'ui-menu', option: 'ui-option' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400 }, classNames: { tooltip: 'ui-tooltip' } }),
    Switch: Switch.extend({
      classNames: { track: 'ui-switch-track', input: 'ui-switch-input', thumb: 'ui-switch-thumb' },
    }),
    Notification: Notification.extend({
      classNames: {
        root: 'ui-toast',
        icon: 'ui-toast-icon',
        title: 'ui-toast-title',
        description: 'ui-toast-description',
        closeButton: 'ui-toast-close',
      },
    }),
  },
})
