// SPDX-License-Identifier: MIT
// 页面的中文文字。
import type { Texts } from "./en";
export const zh: Texts = {
  tagline: "放入一首流行歌，得到一份钢琴改编。一切都留在这台电脑上。",
  drop: "把歌曲拖到这里", or: "MP3、FLAC、WAV、M4A、视频：能播放的都可以", choose: "选择文件", example: "试试示例歌曲",
  library: "我的歌曲", search: "搜索歌曲", empty: "改编过的歌曲会保存在这里。", remove: "删除", removeSure: "确定删除？", open: "打开",
  cancel: "取消", back: "全部歌曲", waiting: "等待中", left: "剩余 {0} 秒", ahead: "前面还有 {0} 首", failed: "失败",
  stage_decode: "读取文件", stage_beats: "寻找节拍", stage_listen: "聆听", stage_generate: "编写改编", stage_accompany: "编写改编", stage_arrange: "编配",
  stage_render: "录制钢琴", stage_mix: "混音", stage_peaks: "绘制波形",
  play: "播放", pause: "暂停", toStart: "回到开头", position: "位置", speed: "速度", balance: "平衡", song: "原曲", piano: "钢琴",
  volume: "音量", loop: "循环", clearLoop: "取消循环", loopHint: "在波形上拖动以循环小节", metronome: "节拍器", countIn: "预备拍",
  hands: "双手", both: "双手", left_hand: "左手", right_hand: "右手", faster: "每遍加快 5 %",
  score: "乐谱", roll: "钢琴卷帘", wave: "波形", views: "视图", arrange: "编配", level: "难度", reach: "手的跨度", key: "调", asWritten: "原调",
  style: "风格", fingering: "指法", beats: "节拍", half: "慢一半", same: "如所识别", twice: "快一倍", metre: "每小节拍数", found: "如所识别",
  firstBeat: "小节第一拍", earlier: "提前一拍", later: "推后一拍", octave: "八度", down: "降", up: "升",
  takes: "版本", export: "导出", print: "打印", midi: "MIDI", musicxml: "MusicXML", pdf: "PDF", flac_piano: "钢琴 (FLAC)", flac_mix: "混音 (FLAC)", mp3_piano: "钢琴 (MP3)", mp3_mix: "混音 (MP3)", zip: "全部 (ZIP)",
  shortcuts: "键盘快捷键", close: "关闭", theme: "深色或浅色", language: "English", engraving: "正在排版乐谱……", soundComing: "录音正在制作；在此之前由页面弹奏钢琴。",
  key_space: "播放或暂停", key_arrows: "后退或前进一小节", key_home: "回到开头", key_speed: "减速、加速", key_loop: "循环本小节，再按取消",
  key_metronome: "节拍器", key_hands: "双手、左手、右手", key_level: "难度", key_balance: "原曲、两者、钢琴", key_edit: "编辑音符", key_undo: "撤销、重做", key_help: "本列表",
  level_1: "简单", level_2: "简单到中等", level_3: "中等", level_4: "中等到完整", level_5: "完整", reach_octave: "八度", reach_ninth: "九度", reach_tenth: "十度", easyKey: "最易",
  another: "另一个版本", link: "本小节的链接",
  edit: "编辑音符", undo: "撤销", redo: "重做", deleteNote: "删除音符", otherHand: "换手", editHint: "拖动音符可移动，双击可添加。",
  practise: "练习", practiseHint: "乐谱会等待正确的音。可用 MIDI 键盘或电脑键盘弹奏：A S D F …… 为白键，W E T …… 为黑键。",
  right: "正确", wrong: "错误", midiOn: "已连接 MIDI 键盘", midiOff: "没有 MIDI 键盘", bars: "小节", notes: "音", bpm: "拍每分钟", bar: "小节",
};
