using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Writes the values of the parts of a block. What a value has in common with earlier values of the block is written as references,
/// exact to the byte. A state or a list of messages may also refer to the state of the thread's newest checkpoint.
/// <see cref="ValueDecoder"/> reads it. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// A value that refers to a checkpoint can't be read if the checkpoint is removed, or if another version of the graph writes its state
/// in another way. So other values refer neither to a checkpoint nor to values that do.
///
/// Mostly one list has grown. So the start and the end of a text are compared with those of the likely sources first. In the rest,
/// each quotation mark is looked up among those of the sources, so that a list of messages is found wherever it is. Only the new bytes
/// of a value are looked up and added to what later values are looked up in.
/// </remarks>
/// <param name="findHead">Returns the newest checkpoint of the thread's root graph.</param>
internal sealed class ValueEncoder(Func<Checkpoint?> findHead)
{
    /// <summary>Values of fewer bytes are stored as they are and not referred to. The stored form depends on it.</summary>
    public const int SharedBytesMin = 256;

    // The source that is the base. Others are the numbers of earlier values.
    private const int Base = -1;

    // Smaller copies cost about as much as they save.
    private const int CopyBytesMin = 16;

    // A quotation mark is looked up with the bytes behind it.
    private const int KeyBytes = 32;

    // More new bytes may mean that the state has moved away from its base.
    private const int NewBytesUsual = 1_024;

    // To index a base costs about as much as to write it, so for a few new bytes only a small one is indexed.
    private const int NewBytesToIndex = 8_192;
    private const int SmallBaseBytes = 65_536;

    private const int MarksMax = 100_000;
    private const int IdleMarksMax = 4_000;

    private EncoderBuffers _buffers = null!;
    private StreamBase? _base;
    private Dictionary<ulong, (int Source, int At)>? _baseMarks;

    /// <summary>The number of bytes of the block's values that are not the same as others.</summary>
    public long ValueBytes { get; private set; }

    /// <summary>Begins another block.</summary>
    /// <param name="buffers">What it uses, empty.</param>
    public void Begin(EncoderBuffers buffers)
    {
        _buffers = buffers;
        ValueBytes = 0;
    }

    /// <summary>
    /// Releases the buffers, and large memory that the next blocks need little or can make again, because a run may be idle for long.
    /// </summary>
    public void Release()
    {
        _buffers = null!;
        if (_baseMarks?.Count > IdleMarksMax)
        {
            _baseMarks = null;
        }

        if (_base?.Utf8.Length > SmallBaseBytes && findHead() is { } head && head.Id != _base.CheckpointId)
        {
            (_base, _baseMarks) = (null, null);
        }
    }

    /// <summary>Writes the checkpoints that the values of the block refer to.</summary>
    public void WriteBases(FieldWriter writer)
    {
        writer.Number(_buffers.Bases.Count);
        foreach (var known in _buffers.Bases)
        {
            writer.Text(known.CheckpointId);
            writer.Bytes(known.Hash);
        }
    }

    /// <summary>Writes a value, which may be missing.</summary>
    /// <param name="writer">What it is written to.</param>
    /// <param name="value">The value.</param>
    /// <param name="mayNeedBase">Whether it is a state or a list of messages, which may refer to a checkpoint.</param>
    public void Write(FieldWriter writer, LazyJson? value, bool mayNeedBase)
    {
        if (value is null)
        {
            writer.Number(0);
        }
        else
        {
            Write(writer, value.Utf8, mayNeedBase, value);
        }
    }

    /// <summary>Writes a value.</summary>
    /// <param name="writer">What it is written to.</param>
    /// <param name="value">The value.</param>
    /// <param name="mayNeedBase">Whether it may refer to a checkpoint.</param>
    /// <param name="identity">The object that parts with the same value share; null if there is none.</param>
    public void Write(FieldWriter writer, ReadOnlyMemory<byte> value, bool mayNeedBase = false, object? identity = null)
    {
        if (value.Length < SharedBytesMin)
        {
            writer.Bytes(value.Span);
            return;
        }

        if (identity is not null)
        {
            if (_buffers.Known.TryGetValue(identity, out var known) && (mayNeedBase || !_buffers.NeedBase[known]))
            {
                writer.Number(-2L - known);
                return;
            }

            _buffers.Known[identity] = _buffers.Values.Count;
        }

        ValueBytes += value.Length;
        if (FindCopies(value.Span, mayNeedBase) > NewBytesUsual && mayNeedBase
            && findHead() is { } head && head.Id != _base?.CheckpointId)
        {
            (_base, _baseMarks) = (StreamBase.Of(head), null);
            FindCopies(value.Span, mayNeedBase);
        }

        var needsBase = false;
        if (TryMakeDifference(value.Span))
        {
            needsBase = _buffers.Copies.Exists(copy => copy.Source == Base || _buffers.NeedBase[copy.Source]);
            writer.Number(-1);
            writer.Bytes(_buffers.Difference.WrittenSpan);
        }
        else
        {
            writer.Bytes(value.Span);
        }

        AddMarks(needsBase ? _buffers.MarksOfBased : _buffers.Marks, value.Span);
        _buffers.Values.Add(value);
        _buffers.NeedBase.Add(needsBase);
    }

    /// <summary>Finds what a value has in common with others. Returns the number of its new bytes.</summary>
    private int FindCopies(ReadOnlySpan<byte> value, bool mayNeedBase)
    {
        _buffers.Copies.Clear();
        var (source, head, tail) = FindLikely(value, mayNeedBase);
        var end = value.Length - tail;
        Copy(0, source, 0, head);
        var added = end - head;
        if (mayNeedBase && _base is { } known && added > (known.Utf8.Length <= SmallBaseBytes ? NewBytesUsual : NewBytesToIndex))
        {
            _baseMarks ??= MarksOf(known.Utf8);
        }

        added -= CopyMarked(value, head, end, mayNeedBase);
        Copy(end, source, source is { } likely ? TextOf(likely).Length - tail : 0, tail);
        return added;
    }

    /// <summary>Returns the source that has the longest start and end in common with a value.</summary>
    private (int? Source, int Head, int Tail) FindLikely(ReadOnlySpan<byte> value, bool mayNeedBase)
    {
        (int? Source, int Head, int Tail) best = (null, 0, 0);
        // Of the earlier values the last one is like it, or the first one, whose kind is often the same.
        var needBase = _buffers.NeedBase;
        var (first, last) = mayNeedBase ? (0, needBase.Count - 1) : (needBase.IndexOf(false), needBase.LastIndexOf(false));
        ReadOnlySpan<(int Source, bool IsOne)> sources =
            [(last, last >= 0), (first, first < last), (Base, mayNeedBase && _base is not null)];
        foreach (var (source, isOne) in sources)
        {
            if (!isOne)
            {
                continue;
            }

            var (head, tail) = TextDifference.FindCommon(TextOf(source), value);
            head = head < CopyBytesMin ? 0 : head;
            tail = tail < CopyBytesMin ? 0 : tail;
            if (head + tail > best.Head + best.Tail)
            {
                best = (source, head, tail);
            }
        }

        return best;
    }

    /// <summary>Copies what begins in other values with a mark, or has one. Returns how many bytes were copied.</summary>
    private int CopyMarked(ReadOnlySpan<byte> value, int start, int end, bool mayNeedBase)
    {
        var (copied, done) = (0, start);
        for (var at = start; at + KeyBytes <= end;)
        {
            var next = value[at..(end - KeyBytes + 1)].IndexOf((byte)'"');
            if (next < 0)
            {
                break;
            }

            at += next;
            var key = KeyOf(value[at..]);
            var copy = Extend(_buffers.Marks, key, value, at, done, end);
            if (mayNeedBase)
            {
                copy = Longer(copy, Extend(_buffers.MarksOfBased, key, value, at, done, end));
                copy = Longer(copy, Extend(_baseMarks, key, value, at, done, end));
            }

            if (copy.Length == 0)
            {
                at++;
                continue;
            }

            _buffers.Copies.Add(copy);
            copied += copy.Length;
            at = done = copy.To + copy.Length;
        }

        return copied;
    }

    /// <summary>Returns the copy that has a mark, as long as possible; one without bytes if the mark is unknown.</summary>
    private CopiedRange Extend(
        Dictionary<ulong, (int Source, int At)>? marks, ulong key, ReadOnlySpan<byte> value, int at, int done, int end)
    {
        if (marks is null || !marks.TryGetValue(key, out var mark))
        {
            return default;
        }

        var text = TextOf(mark.Source);
        var length = text[mark.At..].CommonPrefixLength(value[at..end]);
        if (length < KeyBytes)
        {
            return default;
        }

        var before = TextDifference.CommonSuffixLength(text[..mark.At], value[done..at]);
        return new CopiedRange(at - before, mark.Source, mark.At - before, length + before);
    }

    private static CopiedRange Longer(CopiedRange one, CopiedRange other) => one.Length >= other.Length ? one : other;

    private void Copy(int to, int? source, int from, int length)
    {
        if (source is { } known && length > 0)
        {
            _buffers.Copies.Add(new CopiedRange(to, known, from, length));
        }
    }

    /// <summary>
    /// Makes the difference of the copies: bytes, then the source, the start and the length of a copy, and so on. False if it is not
    /// shorter than the value.
    /// </summary>
    private bool TryMakeDifference(ReadOnlySpan<byte> value)
    {
        if (_buffers.Copies.Count == 0)
        {
            return false;
        }

        _buffers.Difference.ResetWrittenCount();
        var done = 0;
        foreach (var copy in _buffers.Copies)
        {
            WriteNew(value[done..copy.To]);
            FieldWriter.Number(_buffers.Difference, copy.Source == Base ? NumberOfBase() : (2L * copy.Source) + 1);
            FieldWriter.Number(_buffers.Difference, copy.From);
            FieldWriter.Number(_buffers.Difference, copy.Length);
            done = copy.To + copy.Length;
        }

        if (done < value.Length)
        {
            WriteNew(value[done..]);
        }

        return _buffers.Difference.WrittenCount < value.Length;
    }

    private void WriteNew(ReadOnlySpan<byte> bytes)
    {
        FieldWriter.Number(_buffers.Difference, bytes.Length);
        _buffers.Difference.Write(bytes);
    }

    private long NumberOfBase()
    {
        if (_buffers.Bases.Count == 0 || _buffers.Bases[^1] != _base)
        {
            _buffers.Bases.Add(_base!);
        }

        return 2L * (_buffers.Bases.Count - 1);
    }

    private ReadOnlySpan<byte> TextOf(int source) => source == Base ? _base!.Utf8 : _buffers.Values[source].Span;

    /// <summary>Adds the marks in what a value does not copy.</summary>
    private void AddMarks(Dictionary<ulong, (int Source, int At)> marks, ReadOnlySpan<byte> value)
    {
        var done = 0;
        foreach (var copy in _buffers.Copies)
        {
            AddMarks(marks, _buffers.Values.Count, value, done, copy.To);
            done = copy.To + copy.Length;
        }

        AddMarks(marks, _buffers.Values.Count, value, done, value.Length);
    }

    private static Dictionary<ulong, (int Source, int At)> MarksOf(ReadOnlySpan<byte> text)
    {
        var marks = new Dictionary<ulong, (int, int)>();
        AddMarks(marks, Base, text, 0, text.Length);
        return marks;
    }

    private static void AddMarks(
        Dictionary<ulong, (int Source, int At)> marks, int source, ReadOnlySpan<byte> text, int start, int end)
    {
        // A mark that begins in new bytes may end behind them.
        end = Math.Min(end, text.Length - KeyBytes + 1);
        for (var at = start; at < end && marks.Count < MarksMax; at += CopyBytesMin)
        {
            var next = text[at..end].IndexOf((byte)'"');
            if (next < 0)
            {
                break;
            }

            at += next;
            marks.TryAdd(KeyOf(text[at..]), (source, at));
        }
    }

    private static ulong KeyOf(ReadOnlySpan<byte> text)
    {
        var key = 0ul;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(text[..KeyBytes]))
        {
            key = BitOperations.RotateLeft((key ^ word) * 0x9E37_79B9_7F4A_7C15, 29);
        }

        return key;
    }
}
