"""Whatever theme a tenant chooses, what is written can be read: WCAG 2.2 AA, as the browser computes the colours."""

from tests.e2e.chat import Chat

#: Text and what it stands on; a third name is what the second, translucent, lies on.
PAIRS = [
    ["fg", "bg"], ["fg", "subtle"], ["fg", "hover"], ["fg", "pressed"], ["fg", "raised"], ["on-bubble", "bubble"],
    ["on-bubble", "tag", "bubble"], ["muted", "bg"], ["muted", "subtle"], ["muted", "hover"], ["muted", "raised"],
    ["on-accent", "accent"], ["on-accent", "accent-hover"], ["link-color", "bg"], ["link-color", "hover"],
    *[[signal, on] for signal in ("danger", "warning", "success", "info", "discovery") for on in ("bg", "subtle")],
]  # fmt: skip

#: Every corner of what the options allow: colours around the wheel from pale to dark, and the palettes of grey.
UNREADABLE = """pairs => {
    const element = document.querySelector('openai-chatkit');
    const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const known = new Map();
    const pixel = (...layers) => {
        const key = layers.join('|');
        if (!known.has(key)) known.set(key, painted(layers));
        return known.get(key);
    };
    const painted = layers => {
        context.clearRect(0, 0, 1, 1);
        for (const layer of layers) {
            context.fillStyle = '#f0f'; // what it stays when the browser does not understand the colour
            context.fillStyle = layer;
            context.fillRect(0, 0, 1, 1);
        }
        return context.getImageData(0, 0, 1, 1).data;
    };
    const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    const contrast = (one, two) => {
        const [a, b] = [luminance(one), luminance(two)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const accents = [null];
    for (let hue = 0; hue < 360; hue += 60)
        for (const lightness of [20, 40, 47, 70])
            for (const level of [0, 1, 2, 3]) accents.push({primary: `hsl(${hue} 80% ${lightness}%)`, level});
    const grays = [null];
    for (const hue of [60, 250]) for (const tint of [0, 9]) for (const shade of [-4, 4]) grays.push({hue, tint, shade});
    const surfaces = [null, {background: '#fdf6e3', foreground: '#222222'}, {background: '#102030', foreground: '#eeeeee'}];
    const {api} = element.options;
    const found = [];
    let seen = 0;
    for (const colorScheme of ['light', 'dark'])
        for (const accent of accents)
            // Every grey by itself, and every accent with the strongest of them.
            for (const grayscale of !accent ? grays : [null, grays[8]])
                for (const surface of grayscale ? [null] : surfaces) {
                    const color = Object.fromEntries(Object.entries({accent, grayscale, surface}).filter(([, value]) => value));
                    element.setOptions({api, theme: {colorScheme, color}});
                    const style = getComputedStyle(element);
                    for (const [text, ...under] of pairs) {
                        const of = name => style.getPropertyValue(`--ck-${name}`);
                        const ground = [...under].reverse().map(of);
                        const ratio = contrast(pixel(...ground, of(text)), pixel(...ground));
                        if (!(ratio >= 4.5)) found.push([ratio.toFixed(2), text, ...under, colorScheme, JSON.stringify(color)]);
                        seen++;
                    }
                }
    return {found, seen};
}"""


def test_every_theme_can_be_read(chat: Chat) -> None:
    result = chat.page.evaluate(UNREADABLE, PAIRS)
    assert result["found"][:20] == []
    assert result["seen"] > 5_000
