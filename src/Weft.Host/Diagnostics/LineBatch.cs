using System.Text;
using Microsoft.Extensions.Logging.Console;

namespace Weft.Host.Diagnostics;

/// <summary>
/// Lines on their way to one output, written together by a thread of their own: a thread of the pool would write late when all of them
/// are busy, which is when the log is needed.
/// </summary>
/// <param name="open">Opens the output when there is a first line.</param>
/// <param name="delay">How long the first line of a batch waits for others.</param>
internal sealed class LineBatch(Func<Stream> open, TimeSpan delay) : IDisposable
{
    /// <summary>So many characters wait for an output that takes no more; then those who log wait too.</summary>
    private const int CharactersMax = 1 << 20;

    // What hangs at the other end must not keep the server from ending.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1.5);

    // A lock with signals, which Lock does not have.
    private readonly object _gate = new();
    private StringBuilder _waiting = new();
    private StringBuilder _written = new();
    private StreamWriter? _output;
    private Thread? _thread;
    private bool _isUrgent;
    private bool _isIdle;
    private bool _hasEnded;
    private bool _isOver;

    /// <summary>Adds lines, which are copied.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="isUrgent">Whether what waits is written at once.</param>
    /// <param name="whenFull">What happens if the output takes no more.</param>
    public void Add(StringBuilder lines, bool isUrgent, ConsoleLoggerQueueFullMode whenFull)
    {
        lock (_gate)
        {
            while (_waiting.Length >= CharactersMax && !_hasEnded)
            {
                if (whenFull == ConsoleLoggerQueueFullMode.DropWrite)
                {
                    return;
                }

                Monitor.Wait(_gate);
            }

            if (_thread is null && !_hasEnded)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Weft log" };
                _thread.Start();
            }

            _waiting.Append(lines);
            if (_isOver)
            {
                WriteOut(_waiting);
                return;
            }

            // A thread that writes looks for more by itself. To wake it for each batch costs those who log more than their lines do.
            _isUrgent |= isUrgent;
            if (_isIdle || isUrgent)
            {
                _isIdle = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Writes what waits. Lines that are added later are written at once.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _isOver |= _thread is null;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join(EndTimeout);
    }

    private void Run()
    {
        while (TakeBatch())
        {
            WriteOut(_written);
        }
    }

    /// <summary>Waits for a batch; false after the last one.</summary>
    private bool TakeBatch()
    {
        lock (_gate)
        {
            Rest();
            while (_waiting.Length == 0 && !_hasEnded)
            {
                _isIdle = true;
                Monitor.Wait(_gate);
                Rest();
            }

            _isUrgent = false;
            (_waiting, _written) = (_written, _waiting);
            // Those who waited because it was full.
            Monitor.PulseAll(_gate);
            _isOver = _written.Length == 0;
            return !_isOver;
        }
    }

    /// <summary>Lets lines gather. Only an urgent line or the end interrupts this.</summary>
    private void Rest()
    {
        if (!_isUrgent && !_hasEnded)
        {
            Monitor.Wait(_gate, delay);
        }
    }

    private void WriteOut(StringBuilder lines)
    {
        try
        {
            _output ??= new StreamWriter(open(), bufferSize: 1 << 14);
            _output.Write(lines);
            _output.Flush();
        }
        catch
        {
            // A failure of the log can't be logged.
        }

        lines.Clear();
    }
}
