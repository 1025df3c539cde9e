// SPDX-License-Identifier: MIT
// English texts of the page. Another language is another file with the same keys.
export const en = {
  tagline: "A pop song in, a piano cover out. Nothing leaves this computer.",
  drop: "Drop a song here", or: "MP3, FLAC, WAV, M4A, videos: whatever your player plays", choose: "Choose files", example: "Try the example song",
  library: "Your songs", search: "Search songs", empty: "Songs that you cover are kept here.", remove: "Delete", removeSure: "Delete for good?", open: "Open",
  cancel: "Cancel", back: "All songs", waiting: "Waiting", left: "{0} s left", ahead: "{0} before it", failed: "Failed",
  stage_decode: "Reading the file", stage_beats: "Finding the beats", stage_listen: "Listening", stage_generate: "Writing the cover",
  stage_accompany: "Writing the cover", stage_arrange: "Arranging", stage_render: "Recording the piano", stage_mix: "Mixing", stage_peaks: "Drawing the waveform",
  play: "Play", pause: "Pause", toStart: "To the beginning", position: "Position", speed: "Speed", balance: "Balance", song: "Song", piano: "Piano",
  volume: "Volume", loop: "Loop", clearLoop: "Clear loop", loopHint: "Drag over the waveform to loop bars", metronome: "Metronome", countIn: "Count-in",
  hands: "Hands", both: "Both", left_hand: "Left", right_hand: "Right", faster: "Faster by 5 % each pass",
  score: "Score", roll: "Piano roll", wave: "Waveform", views: "Views", arrange: "Arrangement", level: "Level", reach: "Reach of a hand", key: "Key", asWritten: "as written",
  style: "Style", fingering: "Fingering", beats: "Beats", half: "Half as fast", same: "As found", twice: "Twice as fast", metre: "Beats in a bar", found: "as found",
  firstBeat: "First beat of the bar", earlier: "One beat earlier", later: "One beat later", octave: "Octave", down: "Down", up: "Up",
  takes: "Takes", export: "Take it away", print: "Print", midi: "MIDI", musicxml: "MusicXML", pdf: "PDF", flac_piano: "Piano (FLAC)", flac_mix: "Mix (FLAC)", mp3_piano: "Piano (MP3)", mp3_mix: "Mix (MP3)", zip: "All (ZIP)",
  shortcuts: "Keyboard shortcuts", close: "Close", theme: "Dark or light", language: "中文", engraving: "Engraving the score …", soundComing: "The recording is being made; until then the page plays the piano.",
  key_space: "play or pause", key_arrows: "a bar back or on", key_home: "to the beginning", key_speed: "slower, faster", key_loop: "loop this bar, again: clear",
  key_metronome: "metronome", key_hands: "both hands, left, right", key_level: "level", key_balance: "song, both, piano", key_edit: "edit notes", key_undo: "undo, redo", key_help: "this list",
  level_1: "Easy", level_2: "Easy to medium", level_3: "Medium", level_4: "Medium to full", level_5: "Full", reach_octave: "Octave", reach_ninth: "Ninth", reach_tenth: "Tenth", easyKey: "easiest",
  another: "Another version", link: "Link to this bar",
  edit: "Edit notes", undo: "Undo", redo: "Redo", deleteNote: "Delete note", otherHand: "Other hand", editHint: "Drag a note to move it, double-click to add one.",
  practise: "Practise", practiseHint: "The score waits for the right notes. Play on a MIDI keyboard, or on the computer's: A S D F … white keys, W E T … black ones.",
  right: "right", wrong: "wrong", midiOn: "MIDI keyboard connected", midiOff: "No MIDI keyboard here", bars: "bars", notes: "notes", bpm: "beats a minute", bar: "Bar",
};
export type Texts = typeof en;
