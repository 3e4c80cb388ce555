import { type Lines, wordsFor } from "../lines";

const KEYS = ["waiting", "failed", "failedHelp", "retry", "ask", "mayIt", "once", "always", "denied", "identity"] as const;

/**
 * What the loader says: while it waits for OpenAI's client ({seconds}), when no client came, at what is selected on the
 * page, before a tool of the page runs, and in the place of an embedded chat that waits for somebody whom the site knows.
 */
export type Texts = Record<(typeof KEYS)[number], string>;

const LINES: Lines = {
  en: "Waiting for OpenAI’s ChatKit. If it has not answered in {seconds} seconds, the chat opens without it.|The chat could not be loaded|Check your connection and try again.|Try again|Ask about this|The assistant would like to do something on this page|Allow once|Allow on this page|Do not allow|Sign in on this site to start a chat.",
  de: "OpenAIs ChatKit antwortet noch nicht. Nach {seconds} Sekunden öffnet sich der Chat ohne es.|Der Chat konnte nicht geladen werden|Prüfen Sie die Verbindung und versuchen Sie es noch einmal.|Noch einmal versuchen|Dazu fragen|Der Assistent möchte auf dieser Seite etwas tun|Einmal erlauben|Auf dieser Seite erlauben|Nicht erlauben|Melden Sie sich auf dieser Seite an, um zu chatten.",
  fr: "En attente de ChatKit d’OpenAI. Sans réponse après {seconds} secondes, le chat s’ouvrira sans lui.|Le chat n’a pas pu être chargé|Vérifiez votre connexion et réessayez.|Réessayer|Poser une question|L’assistant souhaite faire quelque chose sur cette page|Autoriser une fois|Autoriser sur cette page|Ne pas autoriser|Connectez-vous à ce site pour démarrer un chat.",
  es: "Esperando a ChatKit de OpenAI. Si no responde en {seconds} segundos, el chat se abrirá sin él.|No se pudo cargar el chat|Comprueba tu conexión y vuelve a intentarlo.|Reintentar|Preguntar sobre esto|El asistente quiere hacer algo en esta página|Permitir una vez|Permitir en esta página|No permitir|Inicia sesión en este sitio para empezar un chat.",
  it: "In attesa di ChatKit di OpenAI. Se non risponde entro {seconds} secondi, la chat si apre senza.|Impossibile caricare la chat|Controlla la connessione e riprova.|Riprova|Chiedi di questo|L’assistente vorrebbe fare qualcosa in questa pagina|Consenti una volta|Consenti in questa pagina|Non consentire|Accedi a questo sito per iniziare una chat.",
  pt: "Aguardando o ChatKit da OpenAI. Se não responder em {seconds} segundos, o chat abre sem ele.|Não foi possível carregar o chat|Verifique sua conexão e tente novamente.|Tentar novamente|Perguntar sobre isto|O assistente gostaria de fazer algo nesta página|Permitir uma vez|Permitir nesta página|Não permitir|Entre neste site para iniciar um chat.",
  nl: "Wacht op ChatKit van OpenAI. Zonder antwoord na {seconds} seconden opent de chat zonder.|De chat kon niet worden geladen|Controleer uw verbinding en probeer het opnieuw.|Opnieuw proberen|Hierover vragen|De assistent wil iets doen op deze pagina|Eén keer toestaan|Op deze pagina toestaan|Niet toestaan|Meld u aan op deze site om een chat te starten.",
  pl: "Oczekiwanie na ChatKit firmy OpenAI. Bez odpowiedzi w ciągu {seconds} s czat otworzy się bez niego.|Nie udało się wczytać czatu|Sprawdź połączenie i spróbuj ponownie.|Spróbuj ponownie|Zapytaj o to|Asystent chce coś zrobić na tej stronie|Zezwól raz|Zezwól na tej stronie|Nie zezwalaj|Zaloguj się w tej witrynie, aby rozpocząć czat.",
  sv: "Väntar på OpenAI:s ChatKit. Utan svar efter {seconds} sekunder öppnas chatten utan det.|Chatten kunde inte laddas|Kontrollera anslutningen och försök igen.|Försök igen|Fråga om detta|Assistenten vill göra något på den här sidan|Tillåt en gång|Tillåt på den här sidan|Tillåt inte|Logga in på den här webbplatsen för att börja chatta.",
  tr: "OpenAI ChatKit bekleniyor. {seconds} saniye içinde yanıt gelmezse sohbet onsuz açılır.|Sohbet yüklenemedi|Bağlantınızı denetleyip yeniden deneyin.|Yeniden dene|Bunu sor|Asistan bu sayfada bir şey yapmak istiyor|Bir kez izin ver|Bu sayfada izin ver|İzin verme|Sohbete başlamak için bu sitede oturum açın.",
  uk: "Очікування ChatKit від OpenAI. Без відповіді за {seconds} с чат відкриється без нього.|Не вдалося завантажити чат|Перевірте з’єднання та спробуйте ще раз.|Спробувати ще раз|Запитати про це|Асистент хоче щось зробити на цій сторінці|Дозволити один раз|Дозволити на цій сторінці|Не дозволяти|Увійдіть на цьому сайті, щоб почати чат.",
  ja: "OpenAI の ChatKit を待っています。{seconds} 秒以内に応答がなければ、それなしでチャットを開きます。|チャットを読み込めませんでした|接続を確認して、もう一度お試しください。|もう一度試す|これについて質問|アシスタントがこのページで操作を求めています|一度だけ許可|このページで許可|許可しない|チャットを始めるには、このサイトにサインインしてください。",
  ko: "OpenAI ChatKit을 기다리는 중입니다. {seconds}초 안에 응답이 없으면 채팅이 그것 없이 열립니다.|채팅을 불러오지 못했습니다|연결을 확인하고 다시 시도하세요.|다시 시도|이에 대해 질문|어시스턴트가 이 페이지에서 작업하려고 합니다|한 번 허용|이 페이지에서 허용|허용 안 함|채팅을 시작하려면 이 사이트에 로그인하세요.",
  zh: "正在等待 OpenAI 的 ChatKit。如果 {seconds} 秒内没有响应，聊天将不使用它打开。|无法加载聊天|请检查您的连接，然后重试。|重试|就此提问|助手想在此页面上执行操作|允许一次|在此页面上允许|不允许|请在此网站登录以开始聊天。",
  "zh-tw": "正在等待 OpenAI 的 ChatKit。如果 {seconds} 秒內沒有回應，聊天將不使用它開啟。|無法載入聊天|請檢查您的連線，然後再試一次。|再試一次|就此提問|助理想在此頁面上執行操作|允許一次|在此頁面上允許|不允許|請在此網站登入以開始聊天。",
  ar: "في انتظار ChatKit من OpenAI. إذا لم يُجب خلال {seconds} ثوانٍ فستُفتح المحادثة بدونه.|تعذّر تحميل المحادثة|تحقق من اتصالك وحاول مرة أخرى.|حاول مرة أخرى|اسأل عن هذا|يريد المساعد القيام بشيء في هذه الصفحة|السماح مرة واحدة|السماح في هذه الصفحة|عدم السماح|سجّل الدخول إلى هذا الموقع لبدء محادثة.",
  he: "ממתין ל-ChatKit של OpenAI. אם לא יענה תוך {seconds} שניות, הצ'אט ייפתח בלעדיו.|לא ניתן היה לטעון את הצ'אט|בדקו את החיבור ונסו שוב.|ניסיון נוסף|לשאול על זה|העוזר מבקש לעשות משהו בדף הזה|לאפשר פעם אחת|לאפשר בדף הזה|לא לאפשר|יש להיכנס לאתר הזה כדי להתחיל צ'אט.",
};

export const textsFor = (locale: string): Texts => wordsFor(KEYS, LINES, locale);
