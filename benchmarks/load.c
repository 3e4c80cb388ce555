/* The load generator: plain HTTP/1.1 over epoll, so that it costs a small part of what a server costs.
 *
 *   load turns     each connection repeats: create a thread, then add a message to it; each answer is read to its end
 *   load slow      each connection creates one thread; prints {"ready": seconds} once every answer has begun
 *   load requests  each connection repeats one JSON request
 *
 * Options: --port N  --path P  --connections N  --seconds S  --headers FILE  --text T  --body FILE  --ramp-us N
 *
 * FILE of --headers holds one line per user: the header lines that identify him, "\r\n" written as a tab.  Connections take users in
 * turn.  The text asks the scripted model for deltas; each carries "@<monotonic ns>", the moment at which it was due, and what passes
 * until it is read here is the added delay.
 *
 * The last line of the output is a JSON object; times are in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define STALL (60 * SECOND)

/* ---- growing arrays ---- */

typedef struct {
    int64_t *values;
    size_t count, room;
} samples;

static void add_sample(samples *s, int64_t value)
{
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 4096;
        s->values = realloc(s->values, s->room * sizeof *s->values);
    }
    s->values[s->count++] = value;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort(samples *s)
{
    qsort(s->values, s->count, sizeof *s->values, ascending);
}

/* The sorted samples' quantile in milliseconds; -1 when there are none. */
static double quantile(const samples *s, double q)
{
    return s->count ? s->values[(size_t)(q * (s->count - 1))] / 1e6 : -1;
}

typedef struct {
    char *bytes;
    size_t length, room;
} buffer;

static void append(buffer *b, const char *bytes, size_t length)
{
    if (b->length + length + 1 > b->room) {
        b->room = (b->length + length + 1) * 2;
        b->bytes = realloc(b->bytes, b->room);
    }
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    b->bytes[b->length] = 0;
}

/* ---- what is asked, and what was seen ---- */

enum mode { TURNS, SLOW, REQUESTS };

static struct {
    enum mode mode;
    int port, connections;
    const char *path, *text, *body;
    double seconds;
    int64_t ramp;
    char **users;
    int user_count;
} options = {.path = "/", .text = "200,0", .connections = 1, .seconds = 3};

static struct {
    samples answer, first_byte, first_delta, delay, together; /* together: delays while all streams went on */
    long answers, deltas, events, bytes, errors, begun;
} seen;

static int epoll;
static int running;       /* connections that have work to do */
static int64_t last_call; /* when no new session begins any more */

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void complain(const char *what, const char *detail)
{
    if (seen.errors++ < 5)
        fprintf(stderr, "load: %s: %.300s\n", what, detail);
}

/* ---- connections ---- */

enum reading { HEAD, SIZED, UNTIL_CLOSE, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

typedef struct {
    int fd, user;
    int is_active, must_reconnect;
    enum reading reading;
    size_t remaining; /* bytes of the body or of the chunk */
    buffer head, line;
    int64_t sent_at, first_byte_at, first_delta_at;
    char thread[128]; /* the thread of this session, once it was created */
    int is_second;    /* the message after the creation */
} connection;

static int connect_to_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int attempt = 0; attempt < 200; attempt++) {
        int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            fcntl(fd, F_SETFL, O_NONBLOCK);
            return fd;
        }
        close(fd);
        usleep(5000);
    }
    perror("load: connect");
    exit(1);
}

static void attach(connection *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    c->fd = connect_to_server();
    c->must_reconnect = 0;
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void stop(connection *c)
{
    c->is_active = 0;
    running--;
}

static void send_request(connection *c)
{
    char body[8192], head[8192];
    const char *input = "\"input\":{\"content\":[{\"type\":\"input_text\",\"text\":\"%s\"}],\"attachments\":[],\"inference_options\":{}}";
    char message[4096];
    int length, head_length;

    if (c->must_reconnect) {
        close(c->fd);
        attach(c);
    }
    snprintf(message, sizeof message, input, options.text);
    if (options.mode == REQUESTS)
        length = snprintf(body, sizeof body, "%s", options.body);
    else if (c->is_second)
        length = snprintf(body, sizeof body, "{\"type\":\"threads.add_user_message\",\"params\":{\"thread_id\":\"%s\",%s}}",
                          c->thread, message);
    else
        length = snprintf(body, sizeof body, "{\"type\":\"threads.create\",\"params\":{%s}}", message);
    head_length = snprintf(head, sizeof head,
                           "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\n"
                           "%s\r\nContent-Length: %d\r\n\r\n",
                           options.path, options.port, options.users[c->user], length);
    memcpy(head + head_length, body, length);

    c->reading = HEAD;
    c->head.length = c->line.length = 0;
    c->first_byte_at = c->first_delta_at = 0;
    c->sent_at = now();
    if (write(c->fd, head, head_length + length) != head_length + length)
        complain("write", strerror(errno));
}

/* The answer was read to its end: count it, and send what comes next. */
static void finish(connection *c, int64_t at)
{
    seen.answers++;
    add_sample(&seen.answer, at - c->sent_at);
    add_sample(&seen.first_byte, c->first_byte_at - c->sent_at);
    if (c->first_delta_at)
        add_sample(&seen.first_delta, c->first_delta_at - c->sent_at);

    if (options.mode == SLOW) {
        stop(c);
        return;
    }
    if (options.mode == TURNS && !c->is_second && c->thread[0]) {
        c->is_second = 1;
        send_request(c);
        return;
    }
    if (at >= last_call) {
        stop(c);
        return;
    }
    c->is_second = 0;
    c->thread[0] = 0;
    c->user = (c->user + options.connections) % options.user_count;
    send_request(c);
}

/* ---- the answer: lines of events in a body in chunks ---- */

static int contains(const char *text, size_t length, size_t within, const char *word)
{
    return memmem(text, length < within ? length : within, word, strlen(word)) != NULL;
}

static void take_event(connection *c, const char *line, size_t length, int64_t at)
{
    seen.events++;
    if (contains(line, length, 160, "text_delta")) {
        if (!c->first_delta_at) {
            c->first_delta_at = at;
            seen.begun++;
        }
        for (const char *mark = line; (mark = memchr(mark, '@', line + length - mark)); mark++) {
            seen.deltas++;
            add_sample(&seen.delay, at - strtoll(mark + 1, NULL, 10));
            if (!seen.answers)
                add_sample(&seen.together, at - strtoll(mark + 1, NULL, 10));
        }
    } else if (!c->thread[0] && contains(line, length, 60, "thread.created")) {
        const char *id = memmem(line, length, "\"id\":\"", 6);
        if (id)
            sscanf(id + 6, "%127[^\"]", c->thread);
    } else if (contains(line, length, 60, "\"type\":\"error\"")) {
        complain("error event", line);
    }
}

static void take_body(connection *c, const char *bytes, size_t length, int64_t at)
{
    char *start, *end, *newline;

    seen.bytes += length;
    if (options.mode == REQUESTS)
        return;
    append(&c->line, bytes, length);
    start = c->line.bytes;
    end = start + c->line.length;
    for (; (newline = memchr(start, '\n', end - start)); start = newline + 1) {
        *newline = 0;
        if (newline - start > 6 && memcmp(start, "data: ", 6) == 0)
            take_event(c, start, newline - start, at);
    }
    memmove(c->line.bytes, start, end - start);
    c->line.length = end - start;
}

static void take_head(connection *c)
{
    const char *length = strcasestr(c->head.bytes, "\r\ncontent-length:");

    if (strncmp(c->head.bytes + 9, "200", 3) != 0)
        complain("status", c->head.bytes);
    if (strcasestr(c->head.bytes, "\r\nconnection: close"))
        c->must_reconnect = 1;
    c->remaining = 0;
    if (strcasestr(c->head.bytes, "\r\ntransfer-encoding: chunked")) {
        c->reading = CHUNK_SIZE;
    } else if (length) {
        c->remaining = strtoull(length + 17, NULL, 10);
        c->reading = SIZED;
    } else {
        c->reading = UNTIL_CLOSE;
        c->must_reconnect = 1;
    }
}

static int hexadecimal(char digit)
{
    return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
}

/* Take what was read; true once the answer is complete. */
static int take(connection *c, const char *bytes, size_t length, int64_t at)
{
    size_t i = 0, part;

    if (!c->first_byte_at)
        c->first_byte_at = at;
    while (i < length || (c->reading == SIZED && !c->remaining)) {
        switch (c->reading) {
        case HEAD:
            append(&c->head, bytes + i++, 1);
            if (c->head.length >= 4 && memcmp(c->head.bytes + c->head.length - 4, "\r\n\r\n", 4) == 0)
                take_head(c);
            break;
        case SIZED:
        case CHUNK:
            part = length - i < c->remaining ? length - i : c->remaining;
            take_body(c, bytes + i, part, at);
            i += part;
            c->remaining -= part;
            if (c->remaining)
                break;
            if (c->reading == SIZED)
                return 1;
            c->reading = CHUNK_END;
            break;
        case UNTIL_CLOSE:
            take_body(c, bytes + i, length - i, at);
            i = length;
            break;
        case CHUNK_SIZE:
            if (bytes[i] == '\n')
                c->reading = c->remaining ? CHUNK : TRAILER;
            else if (bytes[i] != '\r')
                c->remaining = c->remaining * 16 + hexadecimal(bytes[i]);
            i++;
            break;
        case CHUNK_END:
            if (bytes[i++] == '\n')
                c->reading = CHUNK_SIZE;
            break;
        case TRAILER:
            if (bytes[i++] == '\n')
                return 1;
            break;
        }
    }
    return 0;
}

static void read_from(connection *c)
{
    static char bytes[1 << 18];

    for (;;) {
        ssize_t length = read(c->fd, bytes, sizeof bytes);
        int64_t at = now();

        if (length > 0) {
            if (take(c, bytes, length, at)) {
                finish(c, at);
                return;
            }
            if (length < (ssize_t)sizeof bytes)
                return;
        } else if (length < 0 && errno == EAGAIN) {
            return;
        } else if (length == 0 && c->reading == UNTIL_CLOSE) {
            finish(c, at);
            return;
        } else {
            complain("connection lost", length ? strerror(errno) : "closed by the server");
            c->must_reconnect = 1;
            if (options.mode == SLOW || at >= last_call)
                stop(c);
            else
                send_request(c);
            return;
        }
    }
}

/* ---- the programme ---- */

static char *read_file(const char *name)
{
    buffer all = {0};
    char part[4096];
    size_t length;
    FILE *file = fopen(name, "r");

    if (!file) {
        perror(name);
        exit(2);
    }
    append(&all, "", 0);
    while ((length = fread(part, 1, sizeof part, file)))
        append(&all, part, length);
    fclose(file);
    return all.bytes;
}

static void read_users(const char *name)
{
    char *rest = read_file(name), *line;

    while ((line = strsep(&rest, "\n"))) {
        buffer header = {0};
        if (!*line)
            continue;
        for (char *p = line; *p; p++)
            append(&header, *p == '\t' ? "\r\n" : p, *p == '\t' ? 2 : 1);
        options.users = realloc(options.users, (options.user_count + 1) * sizeof *options.users);
        options.users[options.user_count++] = header.bytes;
    }
}

static void read_options(int count, char **arguments)
{
    static const struct option known[] = {
        {"port", 1, 0, 'p'},    {"path", 1, 0, 'u'}, {"connections", 1, 0, 'c'}, {"seconds", 1, 0, 's'},
        {"headers", 1, 0, 'h'}, {"text", 1, 0, 't'}, {"body", 1, 0, 'b'},        {"ramp-us", 1, 0, 'r'},
        {0},
    };
    const char *mode = count > 1 ? arguments[1] : "";
    int letter;

    if (!strcmp(mode, "slow"))
        options.mode = SLOW;
    else if (!strcmp(mode, "requests"))
        options.mode = REQUESTS;
    else if (strcmp(mode, "turns")) {
        fprintf(stderr, "usage: load turns|slow|requests --port N --headers FILE [...]; see the source\n");
        exit(2);
    }
    optind = 2;
    while ((letter = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (letter) {
        case 'p': options.port = atoi(optarg); break;
        case 'u': options.path = optarg; break;
        case 'c': options.connections = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'h': read_users(optarg); break;
        case 't': options.text = optarg; break;
        case 'b': options.body = read_file(optarg); break;
        case 'r': options.ramp = atoll(optarg) * 1000; break;
        default: exit(2);
        }
    }
    if (!options.port || !options.user_count || (options.mode == REQUESTS && !options.body)) {
        fprintf(stderr, "load: --port and --headers are needed, and --body for requests\n");
        exit(2);
    }
}

static void report(int64_t took)
{
    struct rusage usage;
    double seconds = took / 1e9;

    getrusage(RUSAGE_SELF, &usage);
    sort(&seen.answer);
    sort(&seen.first_byte);
    sort(&seen.first_delta);
    sort(&seen.delay);
    sort(&seen.together);
    printf("{\"answers\":%ld,\"seconds\":%.4f,\"rate\":%.2f,\"deltas\":%ld,\"events\":%ld,\"bytes\":%ld,\"errors\":%ld,"
           "\"answer_p50\":%.3f,\"answer_p99\":%.3f,\"first_byte_p50\":%.3f,\"first_byte_p99\":%.3f,"
           "\"first_delta_p50\":%.3f,\"first_delta_p99\":%.3f,\"delay_p50\":%.3f,\"delay_p99\":%.3f,\"delay_max\":%.3f,"
           "\"together_p99\":%.3f,\"generator_cpu\":%.3f}\n",
           seen.answers, seconds, seen.answers / seconds, seen.deltas, seen.events, seen.bytes, seen.errors,
           quantile(&seen.answer, .5), quantile(&seen.answer, .99), quantile(&seen.first_byte, .5), quantile(&seen.first_byte, .99),
           quantile(&seen.first_delta, .5), quantile(&seen.first_delta, .99), quantile(&seen.delay, .5), quantile(&seen.delay, .99),
           quantile(&seen.delay, 1), quantile(&seen.together, .99),
           usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

int main(int count, char **arguments)
{
    struct rlimit files = {65536, 65536};
    struct epoll_event events[256];
    connection *all;
    int started = 0, is_ready = 0;
    int64_t begin, heard;

    read_options(count, arguments);
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    all = calloc(options.connections, sizeof *all);
    for (int i = 0; i < options.connections; i++) {
        all[i].user = i % options.user_count;
        all[i].is_active = 1;
        attach(&all[i]);
    }
    running = options.connections;
    begin = heard = now();
    last_call = begin + (int64_t)(options.seconds * 1e9);

    while (running) {
        int64_t at = now();
        int ready, is_starting;

        while (started < options.connections && at >= begin + started * options.ramp)
            send_request(&all[started++]);
        is_starting = started < options.connections;
        if (options.mode == SLOW && !is_ready && seen.begun >= options.connections) {
            is_ready = 1;
            seen.delay.count = seen.together.count = 0; /* the bustle of the start is not what is measured */
            printf("{\"ready\":%.3f}\n", (at - begin) / 1e9);
            fflush(stdout);
        }
        if (at - heard > STALL) {
            complain("stalled", "nothing was heard for a minute");
            break;
        }
        ready = epoll_wait(epoll, events, 256, is_starting ? 1 : 1000);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            heard = at;
            if (c->is_active)
                read_from(c);
        }
    }
    report(now() - begin);
    return 0;
}
