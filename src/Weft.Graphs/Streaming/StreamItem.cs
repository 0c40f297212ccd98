namespace Weft.Graphs;

/// <summary>
/// Something that streams show: a part, or data that several parts share. Each encoder keeps its own form of it here,
/// so that the form is made once for all readers.
/// </summary>
public abstract class StreamItem
{
    private KeptForm? _forms;

    private protected StreamItem()
    {
    }

    /// <summary>Returns the form that an encoder made of the item. The first call makes it.</summary>
    /// <param name="make">
    /// Makes the form. The delegate object identifies the form, so an encoder keeps it in a static field.
    /// </param>
    public TForm FormOf<TForm>(Func<StreamItem, TForm> make)
        where TForm : class => Find(make) ?? Add(make);

    private TForm? Find<TForm>(Func<StreamItem, TForm> make)
        where TForm : class
    {
        for (var kept = Volatile.Read(ref _forms); kept is not null; kept = kept.Next)
        {
            if (ReferenceEquals(kept.Make, make))
            {
                return (TForm)kept.Form;
            }
        }

        return null;
    }

    private TForm Add<TForm>(Func<StreamItem, TForm> make)
        where TForm : class
    {
        ArgumentNullException.ThrowIfNull(make);
        // Nobody else locks items, and a lock object for each would cost as much as a small part.
        lock (this)
        {
            if (Find(make) is { } known)
            {
                return known;
            }

            var form = make(this);
            Volatile.Write(ref _forms, new KeptForm(make, form, _forms));
            return form;
        }
    }

    private sealed record KeptForm(object Make, object Form, KeptForm? Next);
}
