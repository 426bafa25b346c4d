using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store.Calls;

/// <summary>The random choices made for one request, in order; a second evaluation of the request makes the same ones.</summary>
internal sealed class DrawTape
{
    private readonly List<object> _values = [];
    private int _position;

    /// <summary>Begins at the first choice again.</summary>
    public void Rewind() => _position = 0;

    /// <summary>The next choice: the one made before, or a fresh one.</summary>
    public T Next<T>(Func<T> draw)
        where T : notnull
    {
        if (_position < _values.Count && _values[_position] is T known)
        {
            _position++;
            return known;
        }
        var value = draw();
        if (_position < _values.Count)
            _values.RemoveRange(_position, _values.Count - _position);
        _values.Add(value);
        _position++;
        return value;
    }
}
