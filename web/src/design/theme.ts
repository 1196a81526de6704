import { createTheme } from '@mantine/core';

/** Mantine's defaults for this dashboard; its colours and sizes are CSS variables in `theme.css`. */
export const theme = createTheme({
  cursorType: 'pointer',
  respectReducedMotion: true,
  defaultRadius: 'md',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    // Its lock writes a <style>, which the page's policy forbids.
    Modal: { defaultProps: { lockScroll: false, centered: true, radius: 'md' } },
    Menu: { defaultProps: { shadow: 'md', radius: 'md', position: 'bottom-end', withinPortal: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
  },
});
