// EsperLanes.java - the lanes B1 (no skip) and B4 of bench_suite in Esper 9: the same events, the same question.
//
//   java EsperLanes b1|b4 KEYS EVENTS SEED [write FILE]
//
// The first half of the events warms up. Prints: events a second of the second half by the clock, matches of all, CPU seconds of it.
// Time is set before each event, in microseconds, so that spans end where they end in the lanes. The events are made in blocks, outside of what is measured.
import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import com.espertech.esper.runtime.client.EPStatement;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

public final class EsperLanes {
  private static final int BLOCK = 1000;
  private static final long TYPES = 9, STEP = 150_000;

  public static final class E {
    long time;
    long k;
    int type;
    long v;

    public long getK() {
      return k;
    }

    public int getType() {
      return type;
    }
  }

  /** As suite_source_fill: xorshift64, two numbers for each event. */
  private static final class Source {
    private long random, now = 1_700_000_000_000_000_000L;
    private final long keys;

    Source(long seed, long keys) {
      this.random = seed;
      this.keys = keys;
    }

    private long next() {
      random ^= random << 13;
      random ^= random >>> 7;
      random ^= random << 17;
      return random;
    }

    E event() {
      long x = next(), y = next();
      E e = new E();
      now += Long.remainderUnsigned(x, 2 * STEP) + 1;
      e.time = now;
      e.k = (x >>> 20) % keys;
      e.type = (int) ((y >>> 8) % TYPES);
      e.v = y >>> 32 & 1023;
      return e;
    }
  }

  private static void write(Source source, long events, String path) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    try (BufferedOutputStream out = new BufferedOutputStream(new FileOutputStream(path))) {
      for (long i = 0; i < events; i++) {
        E e = source.event();
        bytes.clear();
        bytes.putLong(e.time).putLong(i).putLong(e.k).putLong(e.type).putLong(e.v);
        out.write(bytes.array());
      }
    }
  }

  private static String rules(boolean isB1, long keys) {
    if (isB1)
      return "@name('s') select a.k as k from pattern [every a=E(type=0) -> (b=E(type=1, k=a.k) -> c=E(type=2, k=a.k))"
          + " where timer:within(600 sec)]";
    StringBuilder all = new StringBuilder();
    for (long i = 0; i < keys; i++)
      all.append("@name('s").append(i).append("') select * from pattern [every a=E(type=0, k=").append(i).append(") -> b=E(type=1, k=")
          .append(i).append(") where timer:within(600 sec)];\n");
    return all.toString();
  }

  private static long matches;

  public static void main(String[] args) throws Exception {
    boolean isB1 = args[0].equals("b1");
    long keys = Long.parseLong(args[1]), events = Long.parseLong(args[2]) / BLOCK * BLOCK;
    Source source = new Source(Long.parseUnsignedLong(args[3]), keys);
    if (args.length > 5) {
      write(source, events, args[5]);
      return;
    }
    Configuration configuration = new Configuration();
    configuration.getCommon().addEventType("E", E.class);
    configuration.getCommon().getTimeSource().setTimeUnit(TimeUnit.MICROSECONDS);
    configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
    configuration.getCompiler().getByteCode().setAllowSubscriber(true);
    long begin = System.nanoTime();
    EPCompiled compiled = EPCompilerProvider.getCompiler().compile(rules(isB1, keys), new CompilerArguments(configuration));
    EPRuntime runtime = EPRuntimeProvider.getRuntime("lanes", configuration);
    runtime.initialize();
    EPEventService service = runtime.getEventService();
    service.advanceTime(1_700_000_000_000_000L);
    for (EPStatement statement : runtime.getDeploymentService().deploy(compiled).getStatements())
      statement.addListener((news, olds, of, in) -> matches += news.length);
    double load = (System.nanoTime() - begin) / 1e9;

    com.sun.management.OperatingSystemMXBean system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long passed = 0, processors = 0, warm = events / 2 / BLOCK * BLOCK;
    E[] block = new E[BLOCK];
    for (long done = 0; done < events; done += BLOCK) {
      for (int i = 0; i < BLOCK; i++) block[i] = source.event();
      long clock = System.nanoTime(), cpu = system.getProcessCpuTime();
      for (E e : block) {
        service.advanceTime(e.time / 1000);
        service.sendEventBean(e, "E");
      }
      if (done < warm) continue;
      passed += System.nanoTime() - clock;
      processors += system.getProcessCpuTime() - cpu;
    }
    System.out.printf("%.0f %d %.3f %.3f%n", (events - warm) / (passed / 1e9), matches, processors / 1e9, load);
    System.exit(0);
  }
}
