using System.IO;
using System.Text;

namespace FerroLB.ApiServer.Http;

/// <summary>Writes small files that only their owner may read, whole or not at all.</summary>
internal static class SecretFile
{
    /// <summary>Replaces the file at once: a reader, or a restart after a kill, sees the old text or the new one.</summary>
    /// <exception cref="IOException">The directory does not exist or is not writable.</exception>
    public static void Write(string path, string text)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
