package triage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"butler/bot/desk"
)

// fold brings a text into the form in which the lexicon is written: half width,
// lower case, Simplified characters for the words that matter, no invisible
// characters, one space between words and none next to a Chinese character
// ("勒 索" and "被 hack 了" are written so in chats). It keeps line ends, and at
// most desk.MaxText characters.
func fold(text string) string {
	b := make([]byte, 0, len(text)+8)
	var last rune // the last rune written
	space := false
	n := 0
	for _, r := range text {
		if n++; n > desk.MaxText {
			break
		}
		r = foldRune(r)
		switch {
		case r == 0:
			continue
		case r == '\n':
			for len(b) > 0 && b[len(b)-1] == ' ' {
				b = b[:len(b)-1]
			}
			if len(b) > 0 && last != '\n' {
				b = append(b, '\n')
				last = '\n'
			}
			space = false
			continue
		case r == ' ':
			space = true
			continue
		}
		if space && len(b) > 0 && last != '\n' && !wide(last) && !wide(r) {
			b = append(b, ' ')
		}
		space = false
		b = utf8.AppendRune(b, r)
		last = r
	}
	return strings.TrimRight(string(b), " \n")
}

// wide reports whether spaces next to r carry no meaning.
func wide(r rune) bool { return r >= 0x2e80 && r < 0xa000 }

// foldRune folds one rune; 0 drops it, ' ' is any space.
func foldRune(r rune) rune {
	if r < 0x80 {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == '\n':
			return '\n'
		case r <= ' ' || r == 0x7f:
			return ' '
		}
		return r
	}
	switch {
	case r >= 0xff01 && r <= 0xff5e: // full width
		return foldRune(r - 0xfee0)
	case r == 0x3000 || r == 0xa0 || r == 0x2028 || r == 0x2029:
		return ' '
	case r >= 0x200b && r <= 0x200f, r == 0xfeff, r == 0x2060, r == 0xad, r >= 0xfe00 && r <= 0xfe0f, r == utf8.RuneError:
		return 0
	case r == '’' || r == '‘' || r == '`':
		return '\''
	case r == '“' || r == '”' || r == '「' || r == '」':
		return '"'
	case r == '。':
		return '。'
	}
	if s, ok := simplified[r]; ok {
		return s
	}
	if unicode.IsSpace(r) {
		return ' '
	}
	return unicode.ToLower(r)
}

// simplified maps Traditional characters of the lexicon's words to Simplified.
// Built once from two strings of equal length; not a general converter.
var simplified = func() map[rune]rune {
	from := []rune(traditionalForms)
	to := []rune(simplifiedForms)
	if len(from) != len(to) {
		panic("triage: the two lists of characters differ in length")
	}
	m := make(map[rune]rune, len(from))
	for i, r := range from {
		m[r] = to[i]
	}
	return m
}()

const (
	traditionalForms = "網絡頁們個來對應機務襲擊駭資訊據庫檔錄載傳輸輯刪盜竊竄員號碼鑰權設備戶帳賬證書訪問題請幫處隱開關閉壞轉賭違規釣魚爾詐騙監測響異報錯誤試驗線連鏈結斷離態勢進記憶體鎖區塊運營費單發現變動過沒無還說這樣麼誰馬嗎謝煩幾點時間後邊當級階層殺軟腳執復緊產壓縮淨掃嚴補審計調閱讀寫護衛佈會議飯電話視頻門鍵戰壇廣聲導購買賣訂製頭條細節內隊組織構劃該類別則從與於為並將讓給負責歡總統質術識譯詢諮夠確認準聯繫經歷陸戲遊華國際漢語學習練蘋樹雲腦閃傷極穩雙獲優輕檢篩選徑遞歸隨續緩衝繞洩匯藍銷濫騷擾邏編傾廢棄癱瘓彈駕駛贖"
	simplifiedForms  = "网络页们个来对应机务袭击骇资讯据库档录载传输辑删盗窃窜员号码钥权设备户帐账证书访问题请帮处隐开关闭坏转赌违规钓鱼尔诈骗监测响异报错误试验线连链结断离态势进记忆体锁区块运营费单发现变动过没无还说这样么谁马吗谢烦几点时间后边当级阶层杀软脚执复紧产压缩净扫严补审计调阅读写护卫布会议饭电话视频门键战坛广声导购买卖订制头条细节内队组织构划该类别则从与于为并将让给负责欢总统质术识译询咨够确认准联系经历陆戏游华国际汉语学习练苹树云脑闪伤极稳双获优轻检筛选径递归随续缓冲绕泄汇蓝销滥骚扰逻编倾废弃瘫痪弹驾驶赎"
)

// unlink leaves links out of a text that is read for its words: the words of
// an address (src, medium, readme) are not the writer's.
func unlink(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, "://")
		if i < 0 {
			break
		}
		start := strings.LastIndexFunc(text[:i], func(r rune) bool { return r > 0x7f || !alnum(byte(r)|0x20) }) + 1
		if start > 0 && start < i && text[start]&0xc0 == 0x80 { // step over the rest of a rune
			for start < i && text[start]&0xc0 == 0x80 {
				start++
			}
		}
		end := strings.IndexFunc(text[i:], func(r rune) bool { return r <= ' ' || r > 0x7e || r == '>' || r == '"' })
		b.WriteString(text[:start])
		b.WriteByte(' ')
		if end < 0 {
			return b.String()
		}
		text = text[i+end:]
	}
	b.WriteString(text)
	return b.String()
}
